import Logging
import Postgres
import Reactor
import RefreshCore

/// Holds the lease, by which an instance is the one of its name that writes, and hands out tokens for the fence.
///
/// The lease is an advisory lock of a session of its own, so that it ends with that session however it ends. A
/// token is the server's timeline and a transaction id, in hexadecimal of one length: later ones are greater, also
/// across a failover. The session also sends the nonces, for it is another one than the listener's.
@Loop
final class Ownership {
    private let settings: LiveSettings
    private unowned let dispatcher: Dispatcher
    private let logger: Logger
    private var connection: PostgresConnection?
    private var waiting: [Waiter<Void>] = []
    private let lost = Waiter<PostgresError>()
    /// Whether a statement is under way, and who waits for it to end: a session runs one at a time.
    private var isBusy = false
    private var turns: [Waiter<Void>] = []
    /// The server process of the session before this one.
    private var formerProcess: Int32?

    /// Called when there is a session by which nonces can be sent.
    var onSession: () -> Void = {}

    private(set) var report = ConnectionReport(now: .now)
    /// Whether another instance of the same name holds the lease.
    private(set) var isStandby = false
    /// Since when the lease is held.
    private(set) var ownedSince: Moment?
    /// Who holds the lease while this instance stands by, as far as the server tells.
    private(set) var holder: String?

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ logger: Logger) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// Takes the lease and holds it, again and again, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        while !Task.isCancelled {
            do throws(PostgresError) {
                try await acquire()
                let error = try await hold()
                // One that is lost at once is not taken ten times a second.
                if let ownedSince, Moment.now - ownedSince > .seconds(1) { backoff.reset() }
                report.down("\(error)", at: .now)
                logger.tell(.leaseLost, ["error": "\(error)"])
            } catch {
                if Task.isCancelled { break }
                report.down("\(error)", at: .now)
                logger.warning(
                    "lease not taken", metadata: ["error": "\(error)", "attempt": "\(report.attempts)"])
            }
            drop()
            do { try await backoff.pause() } catch { break }
        }
        drop()
    }

    /// A token greater than every one before; waits until the lease is held.
    func token() async throws(WaitError) -> String {
        while true {
            if ownedSince != nil, let token = await newToken() { return token }
            try await changed(within: .seconds(1))
        }
    }

    /// Waits until the lease is taken, for so long at most.
    func changed(within limit: Duration) async throws(WaitError) {
        let waiter = Waiter<Void>()
        waiting.append(waiter)
        defer { waiting.removeAll { $0 === waiter } }
        do { try await waiter.wait(timeout: limit) } catch .timedOut {}
    }

    /// How full the server's notification queue was at the last notification, from 0 to 1.
    private(set) var queueUsage = 0.0

    /// Sends a notification from this session; false when there is no session or it does not take it.
    func notify(_ channel: String, _ payload: String, within limit: Duration) async -> Bool {
        guard report.isUp, connection?.isOpen == true else { return false }
        do throws(PostgresError) {
            let answer = try await ask(
                """
                SELECT pg_notify(\(Self.literal(channel)), \(Self.literal(payload))), pg_notification_queue_usage()
                """, within: limit)
            queueUsage = answer.string(0, 1).flatMap { Double($0) } ?? 0
            return true
        } catch {
            lost.give(error.code == .timedOut ? .givenUp(FeedFault.mute.text) : error)
            return false
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
        // A session whose client is gone must not hold the lease for the two hours that TCP's own patience lasts.
        let setUp = """
            SET idle_session_timeout = 0; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2;
            SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000
            """
        _ = try await ask(setUp)
        try await endFormerSession()
        formerProcess = made.backendPID
        while true {
            let answer = try await ask("SELECT pg_try_advisory_lock(\(lock))")
            if answer.string(0, 0) == "t" { break }
            if !isStandby || !report.isUp { try await standBy() }
            // Polled and not waited for on the server: a waiting lock would hold a snapshot open and vacuum back.
            do { try await Loop.sleep(for: .milliseconds(250)) } catch { throw .cancelled }
        }
        isStandby = false
        holder = nil
        ownedSince = .now
        report.up(at: .now)
        onSession()
        let waiters = waiting
        waiting = []
        for waiter in waiters { waiter.give(()) }
    }

    private func standBy() async throws(PostgresError) {
        let who = try await ask(
            """
            SELECT format('process %s%s%s', pid, ', ' || nullif(application_name, ''), ', from ' || client_addr)
            FROM pg_locks LEFT JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND objsubid = 2
              AND (classid, objid) = (\(Self.oid(lock)))
            """)
        holder = who.rowCount > 0 ? who.string(0, 0) : nil
        isStandby = true
        report.up(at: .now)
        onSession()
        dispatcher.demoted()
        logger.tell(.standby, ["name": "\(settings.current.name)", "owner": "\(holder ?? "unknown")"])
    }

    /// The server may not have noticed yet that the session before this one is gone: it would hold the lease.
    private func endFormerSession() async throws(PostgresError) {
        guard let formerProcess else { return }
        _ = try await ask(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE pid = \(formerProcess) AND usename = current_user
              AND application_name = \(Self.literal("\(settings.current.name) lease"))
            """)
    }

    private func hold() async throws(PostgresError) -> PostgresError {
        do { return try await lost.wait() } catch { throw .cancelled }
    }

    /// Runs a statement on the session, after those that are under way.
    private func ask(_ sql: String, within limit: Duration = .seconds(10)) async throws(PostgresError) -> PostgresResult
    {
        while isBusy {
            let turn = Waiter<Void>()
            turns.append(turn)
            defer { turns.removeAll { $0 === turn } }
            do throws(WaitError) { try await turn.wait(timeout: limit) } catch { throw .cancelled }
        }
        guard let connection else { throw .cancelled }
        isBusy = true
        defer {
            isBusy = false
            if !turns.isEmpty { turns.removeFirst().give(()) }
        }
        return try await connection.execute(sql, timeout: limit)
    }

    private func newToken() async -> String? {
        let sql = """
            SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)
                || lpad(to_hex(pg_current_xact_id()::text::int8), 16, '0')
            """
        do throws(PostgresError) {
            return try await ask(sql).string(0, 0)
        } catch {
            logger.warning("no new token", metadata: ["error": "\(error)"])
            lost.give(error)
            return nil
        }
    }

    /// The two keys of the advisory lock.
    private var lock: String { "hashtext('rekindle'), hashtext(\(Self.literal(settings.current.name)))" }

    /// Both keys as pg_locks shows them.
    private static func oid(_ keys: String) -> String {
        keys.split(separator: ", ").map { "\($0)::oid" }.joined(separator: ", ")
    }

    /// A text as an SQL literal; the name comes from the configuration.
    private static func literal(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
