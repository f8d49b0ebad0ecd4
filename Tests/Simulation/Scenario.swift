import RefreshCore

/// What is done to a simulated site from outside, and when: made of a seed, and cut down when a run has failed.
struct Scenario {
    /// A transaction: rows change, and a notification tells of it.
    struct Write {
        /// The rows that change; those of a part are known as it commits.
        var rows: [Int]
        var deletes = false
        var tells: Tells
        /// What it tells of comes by a channel whose keys change together.
        var isTogether = false
        /// It changes a part, and with that the items that use it: the event names the part alone.
        var part: Part?
    }

    /// What happens to a part.
    struct Part {
        let number: Int
        /// The items that use it from now on; nil when they stay.
        var users: [Int]?
        /// Those that use it no more, which the event names; known as the transaction commits.
        var gone: [Int] = []
    }

    /// What the notification asks for.
    enum Tells { case refresh, invalidate, purge, wholeTable }

    /// What goes wrong.
    enum Fault: CaseIterable {
        /// Postgres ends one session: the listener's, the lease's, a worker's.
        case listenerKilled, leaseKilled, workerKilled
        /// Postgres restarts.
        case postgresRestarts
        /// A listening session, or all of an instance, is cut and nobody is told; a session forgets LISTEN.
        case listenerHalfOpen, instanceHalfOpen, listenerForgotten
        /// Redis is emptied, restarts without data, or with those of an earlier time; or does not answer for a while.
        case redisFlushed, redisRestartsEmpty, redisRestartsOld, redisStalls
        /// The connection to Redis ends; what is on its way arrives late, or its answer never.
        case redisCut
        /// An instance is killed and started again, or stands still for a while.
        case killed, frozen
        /// An instance stands still, and its lease session is ended meanwhile.
        case usurped
        /// A statement of one key fails for a while, or every statement of a query.
        case poison, broken
        /// Statements take long.
        case slow
    }

    enum Event {
        case write(Write)
        case fault(Fault, instance: Int, Moment.Span)
    }

    let seed: UInt64
    /// How many instances there are.
    let instances: Int
    /// The bound of the queue: a small one folds often.
    let queueBytes: Int
    /// Rows that change only together, by channels that say so.
    var families: [[Int]] = []
    /// The items that use each part at the beginning; none in sites without a resolver.
    var parts: [[Int]] = []
    /// Whether events have messages, which leave once everything is stored that they ask for.
    var hasMessages: Bool
    var events: [(time: Moment, event: Event)]

    /// How long writes and faults go on.
    static let length = Moment.Span.seconds(20)

    init(seed: UInt64) {
        var chance = Chance(seed: seed)
        self.seed = seed
        instances = chance.percent(60) ? 2 : 1
        queueBytes = [2_000, 8_000, 1 << 20][chance.pick(3)]
        hasMessages = seed % 4 != 2
        events = []
        for _ in 0..<(20 + chance.pick(100)) {
            let write = Self.write(&chance)
            events.append((Self.time(&chance), .write(write)))
        }
        for _ in 0..<chance.pick(7) {
            let fault = Fault.allCases[chance.pick(Fault.allCases.count)]
            let length = chance.span(1_000, 4_000_000)
            events.append((Self.time(&chance), .fault(fault, instance: chance.pick(instances), length)))
        }
        events.sort { $0.time < $1.time }
        relate()
    }

    private static func time(_ chance: inout Chance) -> Moment {
        Moment(nanoseconds: 0) + .milliseconds(Int64(300 + chance.pick(Int(length.nanoseconds / 1_000_000))))
    }

    private static func write(_ chance: inout Chance) -> Write {
        let rows = (0...chance.pick(2)).map { _ in chance.pick(Site.rows) }
        let tells: Tells =
            chance.percent(82)
            ? .refresh : chance.percent(60) ? .invalidate : chance.percent(60) ? .purge : .wholeTable
        return Write(rows: rows, deletes: chance.percent(8), tells: tells)
    }
}

extension Scenario: CustomStringConvertible {
    /// One event a line.
    var description: String {
        let site =
            families.map { "rows \($0) change together" }
            + parts.enumerated().map { "part \($0) is used by items \($1)" }
        let lines = events.map { time, event in
            let at = "\(Trace.time(time))"
            switch event {
            case .write(let write): return "\(at)  write \(write)"
            case .fault(let fault, let instance, let length):
                return "\(at)  fault \(fault), instance \(instance), \(length.seconds) s"
            }
        }
        return (site + lines).joined(separator: "\n")
    }
}

extension Scenario.Write: CustomStringConvertible {
    var description: String {
        var text = "rows \(rows)"
        if let part {
            text = "part \(part.number)\(part.users.map { ", from now on used by \($0)" } ?? "")"
            if !rows.isEmpty { text += ", rows \(rows)" }
        }
        return "\(text)\(deletes ? ", deleted" : ""), tells \(tells)\(isTogether ? " together" : "")"
    }
}
