import Logging
import Postgres
import Reactor
import RefreshCore

/// Holds the lease, by which an instance is the one of its name that writes, and hands out tokens for the fence.
///
/// The lease is an advisory lock of a session of its own, so that it ends with that session however it ends. A
/// token is the server's timeline and a transaction id, in hexadecimal of one length: later ones are greater, also
/// across a failover.
@Loop
final class Ownership {
    private let settings: LiveSettings
    private let logger: Logger
    private var connection: PostgresConnection?
    private var waiting: [Waiter<Void>] = []
    private let lost = Waiter<PostgresError>()

    private(set) var report = ConnectionReport(now: .now)
    /// Whether another instance of the same name holds the lease.
    private(set) var isStandby = false
    /// Since when the lease is held.
    private(set) var ownedSince: Moment?

    init(_ settings: LiveSettings, _ logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Takes the lease and holds it, again and again, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await acquire()
                backoff.reset()
                let error = try await hold()
                report.down("\(error)", at: .now)
                logger.warning("lease lost, taking it again", metadata: ["error": "\(error)"])
            } catch {
                if Task.isCancelled { break }
                report.down("\(error)", at: .now)
                logger.warning("lease not taken", metadata: ["error": "\(error)"])
            }
            drop()
            do { try await backoff.pause() } catch { break }
        }
        drop()
    }

    /// A token greater than every one before; waits until the lease is held.
    func token() async throws(WaitError) -> String {
        while true {
            if let connection, connection.isOpen, ownedSince != nil, let token = await newToken(connection) {
                return token
            }
            let waiter = Waiter<Void>()
            waiting.append(waiter)
            defer { waiting.removeAll { $0 === waiter } }
            do { try await waiter.wait(timeout: .seconds(1)) } catch .timedOut {}
        }
    }

    /// Makes the session anew, and takes the lease again.
    func reconnect() {
        connection?.close()
        lost.give(.cancelled)
    }

    /// Gives the lease up at once.
    func close() { drop() }

    private func drop() {
        connection?.close()
        connection = nil
        ownedSince = nil
    }

    private func acquire() async throws(PostgresError) {
        let made = try await PostgresConnection.connect(settings.current.postgres("lease"))
        connection = made
        lost.clear()
        made.onClosed = { [weak self] error in self?.lost.give(error) }
        try await made.execute("SET idle_session_timeout = 0", timeout: .seconds(10))
        let lock = """
            SELECT pg_try_advisory_lock(hashtext('rekindle'), hashtext(\(Self.literal(settings.current.name))))
            """
        while true {
            let answer = try await made.execute(lock, timeout: .seconds(10))
            if answer.string(0, 0) == "t" { break }
            if !isStandby {
                isStandby = true
                logger.notice(
                    "another instance holds the lease, waiting for it", metadata: ["name": "\(settings.current.name)"])
            }
            // Polled and not waited for on the server: a waiting lock would hold a snapshot open and vacuum back.
            do { try await Loop.sleep(for: .milliseconds(250)) } catch { throw .cancelled }
        }
        isStandby = false
        ownedSince = .now
        report.up(at: .now)
        let waiters = waiting
        waiting = []
        for waiter in waiters { waiter.give(()) }
    }

    private func hold() async throws(PostgresError) -> PostgresError {
        do { return try await lost.wait() } catch { throw .cancelled }
    }

    private func newToken(_ connection: PostgresConnection) async -> String? {
        let sql = """
            SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                || lpad(to_hex(pg_current_xact_id()::text::int8), 16, '0')
            """
        do throws(PostgresError) {
            let answer = try await connection.execute(sql, timeout: .seconds(10))
            return answer.string(0, 0)
        } catch {
            logger.warning("no new token", metadata: ["error": "\(error)"])
            lost.give(error)
            return nil
        }
    }

    /// A text as an SQL literal; the name comes from the configuration.
    private static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
