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
    private let plans: PlanBook
    private let logger: Logger
    private var connection: PostgresConnection?
    private let lost = Waiter<PostgresError>()

    private(set) var report = ConnectionReport(now: .now)

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ plans: PlanBook, _ logger: Logger) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.plans = plans
        self.logger = logger
    }

    /// Whether notifications arrive, as far as is known.
    var isListening: Bool { report.isUp && doubt == nil }

    /// Called when LISTEN is in force, which is then to be proven.
    var onListening: () -> Void = {}

    /// Why notifications are thought not to arrive, while the connection seems to be well.
    private(set) var doubt: String?

    /// What a session before this one was deaf for, until one has heard.
    private(set) var deafness: String?
    /// What the session is deaf for that is about to be given up.
    private var verdict: String?

    /// Listens, again and again, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        var deaf = Backoff.deaf
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await listen()
                dispatcher.feedRestored()
                onListening()
                failed(try await hold())
            } catch {
                failed(error)
            }
            connection?.close()
            connection = nil
            if Task.isCancelled { return }
            let (listened, heard) = (report.attempts == 1, dispatcher.canary.isProven)
            dispatcher.feedLost()
            if heard { (backoff, deaf) = (.connecting, .deaf) }
            deafness = verdict ?? (heard ? nil : deafness)
            verdict = nil
            do {
                if listened, !heard { try await deaf.pause() } else { try await backoff.pause() }
            } catch { return }
        }
    }

    /// Notifications that were sent have not come: asks the server why, and makes the connection anew.
    ///
    /// The answer comes after every notification that the server had for this session, so that none is then on its way.
    func doubt(since: Moment, isOverdue: @Loop () -> Bool) async {
        guard let connection, connection.isOpen, report.isUp else { return }
        doubt = "notifications sent on another connection do not arrive since \(Int((Moment.now - since).seconds)) s"
        defer { doubt = nil }
        var answer: (process: Int32, channels: Int)?
        do throws(PostgresError) {
            let limit = max(.seconds(2), settings.current.heartbeat * 2)
            let result = try await connection.execute(
                "SELECT pg_backend_pid(), (SELECT count(*) FROM pg_listening_channels())", timeout: limit)
            if let process = result.string(0, 0).flatMap({ Int32($0) }),
                let count = result.string(0, 1).flatMap({ Int($0) })
            {
                answer = (process, count)
            }
        } catch {
            // It closes the connection, which the listener then makes anew.
        }
        guard isOverdue() || answer == nil else { return }
        let fault = FeedFault(greeted: connection.backendPID, answer: answer)
        verdict = fault.text
        lost.give(.givenUp(fault.text))
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
        connection?.onNotifications = nil
        connection?.onClosed = nil
        connection?.close()
    }

    private var channels: [String] {
        dispatcher.catalogue.registry.channels.map(\.name.text) + [dispatcher.canaryChannel]
    }

    private func listen() async throws(PostgresError) {
        let made = try await PostgresConnection.connect(settings.current.postgres("listener"))
        connection = made
        lost.clear()
        made.onClosed = { [weak self] error in self?.lost.give(error) }
        made.onNotifications = { [dispatcher, unowned made] in dispatcher.receiveAll(of: made) }
        try await made.execute("SET idle_session_timeout = 0", timeout: .seconds(10))
        await plans.waitUntilTried()
        try await made.listen(to: channels, timeout: .seconds(10))
        report.up(at: .now)
        dispatcher.counters.listenerConnects += 1
        logger.notice("listening", metadata: ["channels": "\(channels.count - 1)"])
    }

    private func hold() async throws(PostgresError) -> PostgresError {
        do { return try await lost.wait() } catch { throw .cancelled }
    }

    private func failed(_ error: PostgresError) {
        if Task.isCancelled { return }
        report.down("\(error)", at: .now)
        if report.attempts == 1 {
            logger.tell(.listenerLost, ["error": "\(error)"])
        } else {
            logger.warning(
                "listener not connected", metadata: ["error": "\(error)", "attempt": "\(report.attempts)"])
        }
    }
}
