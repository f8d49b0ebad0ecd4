import Reactor
import Redis
import RefreshCore

/// Lets writes through to one Redis connection, in their order, for as long as the fence is this owner's.
///
/// ```
///  WATCH fence, GET ──> open ──> CLIENT REPLY OFF, MULTI, the writes, SET mark, EXEC, CLIENT REPLY ON,
///                        ^       WATCH fence, MGET fence mark ──┐
///                        └──────────── the fence is ours ───────┘
/// ```
///
/// A transaction is sent only when the fence was seen to be ours while it was watched: if it is raised or lost before
/// the transaction is carried out, Redis carries out none of it. Its commands are not answered, which costs Redis and
/// us less than the writes themselves; whether they took place is told by the mark, which is written last. When it
/// is not there though the fence is, a command was refused, and the script of `Fence` writes the same again, which
/// says why. While one transaction is on its way the next ones wait. A few keys, and messages to streams, are the
/// script's from the beginning.
@Loop
final class WriteGate {
    /// One write, and who is told how it ended.
    final class Job {
        let call: WriteCall
        let request: StoreRequest
        let ended: @Loop (WriteEnding) -> Void

        init(call: WriteCall, request: StoreRequest, ended: @escaping @Loop (WriteEnding) -> Void) {
            self.call = call
            self.request = request
            self.ended = ended
        }
    }

    /// What the gate needs to know of the fence.
    struct Guard {
        /// The name of the instance, whose keys the fence and the mark are.
        let name: String
        /// What the fence holds while we are the owner.
        let token: String
        let script: RedisScript
        /// False in tests alone, which show that they notice a fence that lets everything pass.
        let isGuarded: Bool
        /// Whether Redis can be told not to answer; else the script writes everything.
        let isSilent: Bool
    }

    private enum State {
        /// Nothing is known of the fence: the next write has it looked at.
        case closed
        /// The fence is being looked at; whether it is watched.
        case looking(isWatched: Bool)
        case open
        /// It was not ours any more, or the connection has ended.
        case shut(WriteEnding)
    }

    private let connection: RedisConnection
    private let own: Guard
    private let fence: String
    private let mark: String
    private var state = State.closed
    private var waiting: [Job] = []
    private var number: UInt64 = 0

    init(_ connection: RedisConnection, _ own: Guard) {
        self.connection = connection
        self.own = own
        fence = Fence.key(of: own.name)
        mark = Fence.markKey(of: own.name)
        // What was watched before the fence was raised would hold a transaction back.
        if own.isSilent { send("UNWATCH", []) { _ in } }
    }

    /// How many writes wait for those before them.
    var waitingCount: Int { waiting.count }

    /// Takes a write; it is sent now, or when those before it are.
    func add(_ job: Job) {
        if case .shut(let ending) = state {
            return EventLoop.shared.perform { job.ended(ending) }
        }
        waiting.append(job)
        pump()
    }

    /// Ends it: what waits is not written.
    func shut() {
        state = .shut(.verdict(.lost))
        giveUp(.verdict(.lost))
    }

    /// Sends what may be sent, in order; nothing while a transaction is on its way, which may have to be repeated.
    private func pump() {
        var sent = 0
        loop: while sent < waiting.count {
            let job = waiting[sent]
            let needsScript = job.call.needsAnswers || job.call.isSmall || !own.isSilent
            switch state {
            case .looking, .shut: break loop
            case .open,
                .closed where needsScript:
                needsScript ? call(job) : transact(job)
            case .closed:
                look { [self] _ in pump() }
                break loop
            }
            sent += 1
        }
        waiting.removeFirst(sent)
        // At once and not at the end of the turn: Redis may begin while we go on.
        connection.flush()
    }

    private func transact(_ job: Job) {
        number += 1
        let written = "\(own.token):\(number)"
        connection.sendSilentTransaction { writer in
            job.call.writeCommands(job.request, to: &writer)
            writer.begin("SET", words: 3)
            writer.append(mark)
            writer.append(written)
        }
        look { [self] found in
            if found != written {
                call(job)
                pump()
            } else {
                // Redis gets its next writes before the keys of these are looked after.
                pump()
                job.ended(.verdict(.written(refused: [])))
            }
        } refused: {
            job.ended($0)
        }
    }

    /// Writes by the script, whose answer tells everything.
    private func call(_ job: Job) {
        connection.send(
            script: own.script, keys: job.call.keyCount, arguments: job.call.argumentCount(job.request),
            { writer in job.call.write(job.request, fence: fence, token: own.token, to: &writer) },
            reply: { reply in job.ended(WriteEnding(reply)) })
    }

    /// Watches the fence and then looks at it; opens with the mark that was found, or gives up all that wait.
    private func look(
        _ opened: @escaping @Loop (String?) -> Void, refused: @escaping @Loop (WriteEnding) -> Void = { _ in }
    ) {
        state = .looking(isWatched: !own.isGuarded)
        if own.isGuarded {
            send("WATCH", [fence]) { [weak self] reply in
                if reply.equals("OK") { self?.state = .looking(isWatched: true) }
            }
        }
        send("MGET", [fence, mark]) { [self] reply in
            let held = reply.withElement(0) { Self.text($0) } ?? nil
            let found = reply.withElement(1) { Self.text($0) } ?? nil
            guard let ending = ending(held, reply.error) else {
                state = .open
                return opened(found)
            }
            // A server that refuses for now is asked again by the next write.
            state = reply.error != nil && connection.isOpen ? .closed : .shut(ending)
            refused(ending)
            giveUp(ending)
        }
    }

    private func giveUp(_ ending: WriteEnding) {
        let jobs = waiting
        waiting = []
        for job in jobs { job.ended(ending) }
    }

    /// Why nothing may be written; nil when the fence is ours and is watched.
    private func ending(_ held: String?, _ error: RedisError?) -> WriteEnding? {
        if let error { return .failed(error) }
        if own.isGuarded, held != own.token { return .verdict(held.map { $0 > own.token } ?? false ? .fenced : .lost) }
        if case .looking(isWatched: true) = state { return nil }
        return .unclear
    }

    private func send(_ name: StaticString, _ keys: [String], _ reply: @escaping RedisConnection.ReplyClosure) {
        connection.send(
            arguments: 1 + keys.count,
            { writer in
                writer.append(name)
                for key in keys { writer.append(key) }
            }, reply: reply)
    }

    private static func text(_ reply: borrowing RedisReply) -> String? {
        unsafe reply.withBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }
}

/// How a write ended.
enum WriteEnding {
    /// What was found out about the fence.
    case verdict(Fence.Verdict)
    /// Redis refused it, or the connection ended.
    case failed(RedisError)
    /// Redis answered with what is no answer to a write.
    case unclear

    init(_ reply: borrowing RedisReply) {
        if let verdict = Fence.Verdict(reply) {
            self = .verdict(verdict)
        } else {
            self = reply.error.map { .failed($0) } ?? .unclear
        }
    }
}
