import Reactor
import Redis
import RefreshCore

/// Asks Redis how old values are and whether they were read, without touching them: neither is a read, as Redis counts.
@Loop
struct KeyProbe {
    /// What tells of reads: the idle time or, where Redis evicts the least frequently used, a counter.
    enum ReadSign: Sendable {
        case idleTime
        case frequency
        /// The user may not ask.
        case none
    }

    /// What Redis answered of a key.
    struct Answer {
        /// What is left of its expiry, in milliseconds, as `PTTL` tells it; or the beginning of the value.
        var left: Int64?
        var head: [UInt8]?
        /// Of `OBJECT`.
        var sign: Int64?
    }

    let connection: RedisConnection
    let id: RegionID
    let region: Region
    let ownReads: OwnReads

    /// Looks at keys, all at once; those that are gone are left out.
    ///
    /// - Parameter sign: what tells of reads in this server; it is found out.
    func look(at keys: [Bytes], _ sign: inout ReadSign) async throws(RedisError) -> [AheadWalk.Sight] {
        guard !keys.isEmpty, let clock = region.untouchedClock else { return [] }
        let asksForReads = region.freshness?.keep == .whileRead
        var (answers, refusal) = try await ask(keys, clock, asksForReads ? sign : .none)
        if let refusal {
            // The two are mutually exclusive, by the server's policy, which may change at any time.
            sign = refusal.contains("LFU") ? (sign == .idleTime ? .frequency : .idleTime) : .none
            (answers, _) = try await ask(keys, clock, sign)
        }
        var sights: [AheadWalk.Sight] = []
        for (key, answer) in zip(keys, answers) {
            if let sight = sight(key, answer, clock, sign) { sights.append(sight) }
        }
        return sights
    }

    private func sight(_ key: Bytes, _ answer: Answer, _ clock: Region.Clock, _ sign: ReadSign) -> AheadWalk.Sight? {
        let age: Moment.Span?
        switch clock {
        case .expiry(let ttl):
            guard let left = answer.left, left != -2 else { return nil }
            age = ValueAge.age(ttlMilliseconds: ttl, left: left)
        case .metadata:
            guard let head = answer.head, !head.isEmpty else { return nil }
            age = ValueAge.age(head: head, clock: WallClock.microseconds)
        }
        let readership: Readership =
            switch (sign, answer.sign) {
            case (.idleTime, let seconds?):
                Readership(
                    idleSeconds: seconds, age: age,
                    untouchedFor: ownReads.untouchedFor(key, in: id, idleSeconds: seconds, at: .now))
            case (.frequency, let count?): Readership(frequency: count)
            default: .unknown
            }
        return AheadWalk.Sight(key, age: age, readership: readership)
    }

    /// Asks of all keys in one go; the text of a refusal to tell of reads comes with the answers.
    private func ask(
        _ keys: [Bytes], _ clock: Region.Clock, _ sign: ReadSign
    ) async throws(RedisError) -> ([Answer], refusal: String?) {
        let page = Page(keys.count)
        let prefix = Array(region.prefix.utf8)
        for (place, key) in keys.enumerated() {
            let name = prefix + key.array
            if case .expiry = clock {
                send(["PTTL"], name, []) { page.answers[place].left = $0.integer }
            } else {
                send(["GETRANGE"], name, ["0", "\(ValueAge.headBytes - 1)"]) { reply in
                    page.answers[place].head = unsafe reply.withBytes { unsafe [UInt8]($0) }
                }
            }
            switch sign {
            case .none: continue
            case .idleTime: send(["OBJECT", "IDLETIME"], name, []) { page.take($0, place) }
            case .frequency: send(["OBJECT", "FREQ"], name, []) { page.take($0, place) }
            }
        }
        // What the server answers last ends the page.
        _ = try await connection.command("PING")
        return (page.answers, page.refusal)
    }

    private func send(
        _ words: [String], _ key: [UInt8], _ rest: [String], reply: @escaping RedisConnection.ReplyClosure
    ) {
        connection.send(
            arguments: words.count + 1 + rest.count,
            { writer in
                for word in words { writer.append(word) }
                writer.append(key)
                for word in rest { writer.append(word) }
            }, reply: reply)
    }

    /// The answers of one page, as they come.
    @Loop
    private final class Page {
        var answers: [Answer]
        var refusal: String?

        init(_ count: Int) { answers = Array(repeating: Answer(), count: count) }

        func take(_ reply: borrowing RedisReply, _ place: Int) {
            answers[place].sign = reply.integer
            if reply.error?.code == .server { refusal = reply.text }
        }
    }
}
