import Logging
import Reactor
import Redis
import RefreshCore

/// Holds the locks by which readers keep each other from computing a value, while keys are refreshed.
///
/// A batch's locks are taken by one call before its statement is run, and released by another once its outcome is known,
/// whatever that is; those that can not be released expire. A lock that somebody else holds is left alone: the key is
/// refreshed all the same, and contested.
@Loop
final class ReaderLocks {
    /// The locks of one batch.
    private struct Held {
        let region: Region
        let policy: LockPolicy
        /// The places of keys whose locks somebody else holds.
        var contested: [Int] = []
    }

    private let link: RedisLink
    private let dispatcher: Dispatcher
    private let logger: Logger
    private var held: [UInt64: Held] = [:]
    /// What our locks hold begins with this, so that one that was left behind by an earlier batch is known.
    private let owner: String
    private var failureLog = LogLimit(perMinute: 6)
    private var letGoLog = LogLimit(perMinute: 6)

    init(_ dispatcher: Dispatcher, _ link: RedisLink, _ logger: Logger) {
        self.dispatcher = dispatcher
        self.link = link
        self.logger = logger
        owner = "rekindle:\(String(UInt64.random(in: .min ... .max), radix: 16)):"
    }

    /// Takes the locks of a batch's keys, and waits until it is known which of them are held by others.
    func take(_ batch: Batch, _ region: Region) async {
        let done = Waiter<Void>()
        take(batch, region) { done.give(()) }
        // Redis answers, or the connection ends; if we are to stop, the statement is not waited for either.
        try? await done.wait()
    }

    /// Takes the locks of a batch's keys; `done` is called once it is known which of them are held by others.
    func take(_ batch: Batch, _ region: Region, done: @escaping @Loop () -> Void) {
        guard let policy = region.locks, let connection = link.connection, !batch.items.isEmpty else { return done() }
        held[batch.number] = Held(region: region, policy: policy)
        connection.send(
            script: Self.takeScript, keys: batch.items.count, arguments: 3,
            { [owner] writer in
                Self.append(batch, region, policy, to: &writer)
                writer.append(owner)
                writer.append(token(of: batch))
                writer.append(Int(policy.timeoutMilliseconds))
            },
            reply: { [weak self] reply in
                self?.taken(batch, reply)
                done()
            })
        connection.flush()
    }

    /// What is contested of a batch that was stored.
    func contested(_ batch: Batch) -> Contested {
        guard let held = held[batch.number] else { return .none }
        return Contested(places: held.contested, patience: held.policy.patience)
    }

    /// The batch has ended: its locks are released. At the named places a lock of somebody else was held for too long.
    func release(_ batch: Batch, letGo: [Int]) {
        guard !held.isEmpty, let held = held.removeValue(forKey: batch.number) else { return }
        if !letGo.isEmpty { tell(of: letGo, batch, held) }
        guard let connection = link.connection, held.contested.count < batch.items.count else { return }
        connection.send(
            script: Self.releaseScript, keys: batch.items.count, arguments: 1,
            { writer in
                Self.append(batch, held.region, held.policy, to: &writer)
                writer.append(token(of: batch))
            },
            // What is not released expires.
            reply: { _ in })
    }

    private func token(of batch: Batch) -> String { "\(owner)\(batch.number)" }

    private func taken(_ batch: Batch, _ reply: borrowing RedisReply) {
        if let error = reply.error {
            guard error.disposition != .reconnect else { return }
            // A server that lost the script has taken no lock: all may be held by others.
            if error.disposition == .resync {
                held[batch.number]?.contested = Array(batch.items.indices)
                return link.reloadScripts()
            }
            guard let skipped = failureLog.admit(at: .now) else { return }
            return logger.warning(
                "locks not taken: readers may compute what is refreshed",
                metadata: ["error": "\(error)", "skipped": "\(skipped)"])
        }
        guard let count = reply.elementCount else { return }
        var places: [Int] = []
        for index in 0..<count {
            if let place = reply.withElement(index, { $0.integer }) ?? nil { places.append(Int(place)) }
        }
        held[batch.number]?.contested = places
    }

    private func tell(of letGo: [Int], _ batch: Batch, _ held: Held) {
        dispatcher.counters.locksLetGo[batch.region.index] += UInt64(letGo.count)
        guard let skipped = letGoLog.admit(at: .now) else { return }
        let key = held.region.prefix + batch.items[letGo[0]].key.description
        logger.tell(
            .lockHeld,
            [
                "region": "\(held.region.name)", "lock": "\(held.policy.prefix)\(key)", "keys": "\(letGo.count)",
                "skipped": "\(skipped)",
            ])
    }

    private static func append(
        _ batch: Batch, _ region: Region, _ policy: LockPolicy, to writer: inout CommandWriter
    ) {
        let prefix = Array((policy.prefix + region.prefix).utf8)
        unsafe prefix.withUnsafeBytes { prefix in
            for item in batch.items { unsafe item.key.withUnsafeBytes { unsafe writer.appendParts(prefix, $0) } }
        }
    }
}

extension ReaderLocks {
    /// Takes locks that are free, or were left behind by the same owner; returns the places, from 0, of all others.
    ///
    /// Keys: the locks. Arguments: what the owner's tokens begin with; the token; the expiry in milliseconds.
    static let takeScript = RedisScript(
        """
        local call, pcall, KEYS, owner, token, expiry = redis.call, redis.pcall, KEYS, ARGV[1], ARGV[2], ARGV[3]
        local others = {}
        for i = 1, #KEYS do
          if not call('SET', KEYS[i], token, 'NX', 'PX', expiry) then
            local holder = pcall('GET', KEYS[i])
            if type(holder) == 'string' and string.sub(holder, 1, #owner) == owner then
              call('SET', KEYS[i], token, 'PX', expiry)
            else
              others[#others + 1] = i - 1
            end
          end
        end
        return others
        """)

    /// Releases those of the locks that hold the token.
    static let releaseScript = RedisScript(
        """
        for i = 1, #KEYS do
          if redis.pcall('GET', KEYS[i]) == ARGV[1] then redis.call('UNLINK', KEYS[i]) end
        end
        return 0
        """)
}
