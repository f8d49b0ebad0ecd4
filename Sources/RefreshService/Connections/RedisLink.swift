import Logging
import Reactor
import Redis
import RefreshCore

/// Keeps the one connection to Redis by which everything is written, and the fence raised to a token of ours.
///
/// After any doubt about a write a new token is taken before anything is sent again, so that a late duplicate of
/// the doubtful write is refused.
@Loop
final class RedisLink {
    private let settings: LiveSettings
    private let ownership: Ownership
    private let logger: Logger
    private unowned let dispatcher: Dispatcher
    private let ended = Waiter<Ending>()
    /// The script that writes what needs answers.
    let writeScript: RedisScript

    private(set) var connection: RedisConnection? {
        didSet {
            guard connection == nil else { return }
            let former = gate
            gate = nil
            former?.shut()
        }
    }
    /// What writes go through; there is one where there is a connection.
    private(set) var gate: WriteGate?
    /// Whether writes need no answers.
    private var isSilent = false
    /// What is known of the fence; its first token names the epoch of sequence numbers.
    private var fence = FenceRecord()
    private(set) var report = ConnectionReport(now: .now)
    /// Until when nothing is written, for the server asks to wait.
    private(set) var pausedUntil: Moment?
    private(set) var pauseReason: String?
    private var pauses = Backoff(first: .milliseconds(100), cap: .seconds(5))
    private lazy var heartbeat = TimerSource { [unowned self] in beat() }
    private lazy var pauseTimer = TimerSource { [unowned self] in pauseOver() }

    init(_ settings: LiveSettings, _ ownership: Ownership, _ dispatcher: Dispatcher, _ logger: Logger) {
        writeScript = Fence.write(isGuarded: !dispatcher.sabotage.breaks(.fence))
        self.settings = settings
        self.ownership = ownership
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// The token that the fence was last raised to; empty before the first.
    var token: String { fence.token }

    /// Whether values can be written now.
    var isWritable: Bool { connection?.isOpen == true && pausedUntil == nil }

    /// Whether writes are accepted: connected, and the last of them did not meet an error that asks to wait.
    var isHealthy: Bool { report.isUp && pauseReason == nil }

    /// Whether messages can be sent: not while values are refused, since those that meet the refusal are lost.
    var takesMessages: Bool { connection?.isOpen == true && pauseReason == nil }

    /// Connects, again and again, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        while !Task.isCancelled {
            do {
                let made = try await RedisConnection.connect(settings.current.redis)
                try await prepare(made)
                backoff.reset()
                connected(made)
                let why = try await serve(made)
                if !Task.isCancelled { down(why) }
            } catch {
                if !Task.isCancelled { down("\(error)") }
            }
            connection?.close()
            connection = nil
            do { try await backoff.pause() } catch { return }
        }
    }

    /// Ends the connection: what it lost or refused is to be looked at anew.
    func renew(_ why: String) {
        ended.give(.renewed(why))
        connection?.close()
    }

    /// The fence is gone from a server that answers: it was emptied. The fence is raised again, and the connection kept.
    func raiseAgain() { ended.give(.emptied) }

    /// Writes nothing for a while, for the server asks to wait, and says why.
    func pause(_ why: String) {
        if pausedUntil != nil { return }
        let now = Moment.now
        let until = now + pauses.next(random: .random(in: .min ... .max))
        if pauseReason == nil { logger.tell(.redisWaits, ["error": "\(why)"]) }
        pausedUntil = until
        pauseReason = why
        pauseTimer.arm(at: until.nanoseconds)
    }

    /// A write was accepted.
    func accepted() {
        if pauseReason == nil { return }
        logger.notice("redis accepts writes again")
        pauseReason = nil
        pauses.reset()
        dispatcher.redisAccepts()
    }

    /// Loads the scripts again that the server lost; the writes that met it are repeated by the queue.
    func reloadScripts() {
        guard let connection, pausedUntil == nil else { return }
        pausedUntil = Moment.now + .seconds(10)
        for (index, script) in scripts.enumerated() {
            let isLast = index == scripts.count - 1
            connection.send(
                arguments: 3,
                { writer in
                    writer.append("SCRIPT")
                    writer.append("LOAD")
                    writer.append(script.source)
                },
                reply: { [weak self] reply in
                    guard let self else { return }
                    if let error = reply.error { renew("\(error)") }
                    if isLast { pauseOver() }
                })
        }
    }

    /// What is called by its digest.
    private var scripts: [RedisScript] { [writeScript, ReaderLocks.takeScript, ReaderLocks.releaseScript] }

    /// Waits until everything that was sent is answered, and ends the connection.
    func finish() async {
        if let connection, connection.isOpen { _ = try? await connection.command("PING") }
        connection?.close()
    }

    private func pauseOver() {
        pausedUntil = nil
        dispatcher.redisAccepts()
    }

    private func connected(_ made: RedisConnection) {
        report.up(at: .now)
        dispatcher.counters.redisConnects += 1
        logger.notice("redis connected", metadata: ["server": "\(made.place)"])
    }

    /// Lends the connection out for writes until it ends; tells why it did.
    private func serve(_ made: RedisConnection) async throws -> String {
        while true {
            let raised = Moment.now
            let ending = await hold(made)
            guard ending == .emptied, made.isOpen else { return ending.text }
            // No write is sent until the fence is up; those on their way find none, and are repeated.
            connection = nil
            logger.warning("redis was emptied: the fence is raised again")
            // Somebody who empties it again and again is not answered faster than this.
            if Moment.now - raised < .milliseconds(100) { try await Loop.sleep(for: .milliseconds(100)) }
            try await prepare(made)
        }
    }

    private func hold(_ made: RedisConnection) async -> Ending {
        ended.clear()
        guard made.isOpen else { return .renewed("the connection broke") }
        made.onClosed = { [weak self] error in self?.ended.give(.renewed("\(error)")) }
        connection = made
        gate = WriteGate(
            made,
            WriteGate.Guard(
                name: dispatcher.name, token: token, script: writeScript,
                isGuarded: !dispatcher.sabotage.breaks(.fence), isSilent: isSilent))
        pausedUntil = nil
        pauseReason = nil
        dispatcher.redisAccepts()
        heartbeat.arm(after: settings.current.heartbeat)
        defer { heartbeat.cancel() }
        return (try? await ended.wait()) ?? .renewed("stopping")
    }

    /// Asks for the fence, so that a server that was emptied or swapped, or does not answer, is found without a write.
    private func beat() {
        guard let connection, connection.isOpen else { return }
        heartbeat.arm(after: settings.current.heartbeat)
        connection.send(
            arguments: 2,
            { [settings] writer in
                writer.append("GET")
                writer.append(Fence.key(of: settings.current.name))
            },
            reply: { [weak self] reply in
                guard let self, reply.error == nil else { return }
                let held = unsafe reply.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
                if held == token || self.connection !== connection { return }
                if held == nil { raiseAgain() } else { renew("the fence is another's: Redis has another owner") }
            })
    }

    private func down(_ why: String) {
        report.down(why, at: .now)
        if report.attempts == 1 {
            logger.tell(.redisLost, ["error": "\(why)"])
        } else {
            logger.warning(
                "redis not connected", metadata: ["error": "\(why)", "attempt": "\(report.attempts)"])
        }
    }

    /// Until the lease is this instance's, Redis is asked what the owner has done.
    private func watch(_ made: RedisConnection) async throws {
        dispatcher.keeper.redisWatchedAnew()
        while ownership.ownedSince == nil {
            let keys = [Fence.key(of: settings.current.name), Fence.wordKey(of: settings.current.name)]
            guard case .array(let held) = try await made.command(["MGET"] + keys) else { break }
            report.up(at: .now)
            if held.count == 2, let token = held[0].text, let word = held[1].text.flatMap({ OwnerWord($0) }),
                word.token == token
            {
                dispatcher.ownerSaid(word)
            }
            try await ownership.changed(within: settings.current.heartbeat)
            try Task.checkCancellation()
        }
    }

    /// Loads the scripts, raises the fence, and finds out whether this server still has what was written before.
    private func prepare(_ made: RedisConnection) async throws {
        try await made.load(Fence.raise)
        for script in scripts { try await made.load(script) }
        let server = try await Self.serverID(made)
        isSilent = try await made.takesSilentTransactions(watching: Fence.key(of: settings.current.name))
        try await watch(made)
        let fresh = try await ownership.token()
        let key = Fence.key(of: settings.current.name)
        let held = try await made.evaluate(Fence.raise, keys: [key], arguments: [fresh])
        if token.isEmpty { dispatcher.epoch = fresh }
        // A number says that the fence is higher.
        let replaced: String? = if case .integer = held { nil } else { held.text ?? "" }
        switch fence.raised(to: fresh, replacing: replaced, on: server) {
        case .refused: throw Fenced(key: key)
        case .lost where dispatcher.keeper.role == .owner: dispatcher.redisLostData()
        case .lost, .same: dispatcher.promoted(replacing: replaced ?? "")
        }
    }

    /// What tells one run of a server from another.
    private static func serverID(_ connection: RedisConnection) async throws(RedisError) -> String {
        let text = try await connection.command("INFO", "server").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("run_id:") }
        return line.map(String.init) ?? ""
    }
}

/// Why writes on a connection came to an end.
private enum Ending: Equatable {
    /// It is to be made anew, or broke.
    case renewed(String)
    /// The server has lost its data.
    case emptied

    var text: String {
        switch self {
        case .renewed(let why): why
        case .emptied: "the server lost its data"
        }
    }
}

/// The fence is higher than any token that the database gives.
private struct Fenced: Error, CustomStringConvertible {
    let key: String

    var description: String {
        "Redis key \"\(key)\" holds a newer token than this database gives, so that nothing may be written. "
            + "If the database was rebuilt or replaced, delete that key; else another database feeds the same Redis "
            + "under the same service name."
    }
}
