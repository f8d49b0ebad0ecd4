import Logging
import Postgres
import Reactor
import RefreshCore

/// Listens: one session that never opens a transaction, never runs a query and always reads its socket.
///
/// Order is what counts here: LISTEN on all channels is committed first, then the regions are resynced, for only
/// what is read after LISTEN can not be overtaken by a notification that nobody heard.
@Loop
final class Listener {
    private let settings: LiveSettings
    private let dispatcher: Dispatcher
    private let logger: Logger
    private var connection: PostgresConnection?
    private let lost = Waiter<PostgresError>()

    private(set) var report = ConnectionReport(now: .now)

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ logger: Logger) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// Whether notifications arrive.
    var isListening: Bool { report.isUp }

    /// Listens, again and again, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        var cause = GapCause.start
        dispatcher.gapOpened(.start)
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await listen()
                backoff.reset()
                dispatcher.gapEnded(cause)
                cause = .listener
                let error = try await hold()
                failed(error)
            } catch {
                failed(error)
            }
            connection?.close()
            connection = nil
            if Task.isCancelled { return }
            // Until it has listened once, the gap of the start goes on.
            if report.attempts == 1 { dispatcher.gapOpened(cause) }
            do { try await backoff.pause() } catch { return }
        }
    }

    /// Listens to the channels of a new catalogue too; those that are gone are dropped afterwards.
    ///
    /// Once it returns, every channel's notifications arrive.
    func relisten() async throws(PostgresError) {
        guard let connection, connection.isOpen else { return }
        try await connection.listen(to: channels, timeout: .seconds(10))
    }

    /// Makes the connection anew.
    func reconnect() {
        connection?.close()
        lost.give(.cancelled)
    }

    /// Stops to take notifications.
    func stop() {
        connection?.onNotification = nil
        connection?.onClosed = nil
        connection?.close()
    }

    private var channels: [String] { dispatcher.catalogue.registry.channels.map(\.name.text) }

    private func listen() async throws(PostgresError) {
        let made = try await PostgresConnection.connect(settings.current.postgres("listener"))
        connection = made
        lost.clear()
        made.onClosed = { [weak self] error in self?.lost.give(error) }
        made.onNotification = { [weak self] notification in self?.dispatcher.receive(notification) }
        made.onNotificationsEnd = { [weak self] in self?.dispatcher.settle() }
        try await made.execute("SET idle_session_timeout = 0", timeout: .seconds(10))
        try await made.listen(to: channels, timeout: .seconds(10))
        report.up(at: .now)
        dispatcher.counters.listenerConnects += 1
        logger.notice("listening", metadata: ["channels": "\(channels.count)"])
    }

    private func hold() async throws(PostgresError) -> PostgresError {
        do { return try await lost.wait() } catch { throw .cancelled }
    }

    private func failed(_ error: PostgresError) {
        if Task.isCancelled { return }
        report.down("\(error)", at: .now)
        let message: Logger.Message = report.attempts == 1 ? "listener lost" : "listener not connected"
        logger.warning(message, metadata: ["error": "\(error)", "attempt": "\(report.attempts)"])
    }
}
