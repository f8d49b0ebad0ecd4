import RefreshCore

/// What is done to a simulated site from outside, and when: made of a seed, and cut down when a run has failed.
struct Scenario {
    /// A transaction: rows change, and a notification tells of it.
    struct Write {
        var rows: [Int]
        var deletes = false
        var tells: Tells
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
    var events: [(time: Moment, event: Event)]

    /// How long writes and faults go on.
    static let length = Moment.Span.seconds(20)

    init(seed: UInt64) {
        var chance = Chance(seed: seed)
        self.seed = seed
        instances = chance.percent(60) ? 2 : 1
        queueBytes = [2_000, 8_000, 1 << 20][chance.pick(3)]
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
        events.map { time, event in
            let at = "\(Trace.time(time))"
            switch event {
            case .write(let write):
                return "\(at)  write rows \(write.rows)\(write.deletes ? ", deleted" : ""), tells \(write.tells)"
            case .fault(let fault, let instance, let length):
                return "\(at)  fault \(fault), instance \(instance), \(length.seconds) s"
            }
        }.joined(separator: "\n")
    }
}
