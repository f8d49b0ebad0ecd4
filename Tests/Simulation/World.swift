import RefreshCore

/// What every part of a simulation shares: the clock, chance, the servers, and what must hold after every step.
final class World {
    let agenda = Agenda()
    var chance: Chance
    let trace: Trace
    let sabotage: Sabotage
    let scenario: Scenario
    private(set) lazy var postgres = SimulatedPostgres(self)
    private(set) lazy var redis = SimulatedRedis(self)
    private(set) var violation: Violation?
    /// From now on nothing fails by chance.
    var isHealed = false

    /// The newest version that each key has held, as a value or as the lack of one.
    private var floor = Array(repeating: 0, count: Site.keys)
    /// Whether the last event of each key asked for a value.
    private(set) var mustExist = Array(repeating: false, count: Site.keys)
    /// Rows whose statements fail, and queries that can not run.
    var poisoned: Set<Int> = []
    var broken: Set<Int> = []
    /// Statements take so long besides.
    var slowness = Moment.Span.seconds(0)

    init(_ scenario: Scenario, sabotage: Sabotage, trace: Trace) {
        self.scenario = scenario
        self.sabotage = sabotage
        self.trace = trace
        chance = Chance(seed: scenario.seed ^ 0x5EED)
    }

    var now: Moment { agenda.now }

    /// How long something takes on its way: mostly little, sometimes long.
    func latency() -> Moment.Span { chance.percent(95) ? chance.span(20, 2_000) : chance.span(2_000, 60_000) }

    /// Goes on by one step; false at the end, or when something is broken, also when it never comes to rest.
    func step(until end: Moment) -> Bool {
        if agenda.steps > 500_000 { fail(.bounded, "500,000 steps do not suffice: something turns in circles") }
        return violation == nil && agenda.step(until: end)
    }

    /// Lets go of everything.
    func end() {
        agenda.clear()
        for instance in instances { instance.end() }
        instances = []
        postgres.end()
        redis.end()
    }

    func fail(_ guarantee: Guarantee, _ text: String) {
        guard violation == nil else { return }
        violation = Violation(guarantee: guarantee, text: text, time: now)
        trace.note(now, "checker", "\(guarantee.rawValue): \(text)")
    }

    /// What every owner has to hear of.
    var instances: [Instance] = []

    // MARK: Checks

    func committed(_ write: Scenario.Write, number: Int) {
        for instance in instances { instance.expect(number) }
        for row in write.rows {
            let isAsked = write.tells == .refresh || write.tells == .wholeTable
            mustExist[row] = isAsked
            if row < Site.items { mustExist[Site.front] = isAsked || mustExist[Site.front] && write.tells != .purge }
        }
        if write.tells == .purge, let row = write.rows.first {
            for key in Site.keys(of: Site.region(of: row)) { mustExist[key] = false }
        }
        if write.tells == .wholeTable {
            for row in write.rows {
                for key in Site.keys(of: Site.region(of: row)) { mustExist[key] = true }
            }
        }
    }

    /// A value, or the lack of one, was written that a statement has read.
    func written(_ key: Int, _ version: Int, isValue: Bool) {
        if version < floor[key] {
            fail(.monotone, "key \(Site.names[key]) went back from version \(floor[key]) to \(version)")
        }
        let newest = postgres.read(key).version
        if version > newest { fail(.authentic, "key \(Site.names[key]) has version \(version), which never was") }
        floor[key] = version
    }

    func redisLost(_ values: [Int: Int]) {
        floor = (0..<Site.keys).map { values[$0] ?? 0 }
    }

    /// The messages of an event leave: what it asked for is stored, or deleted, by what a statement read after it.
    func published(_ number: Int, _ write: Scenario.Write, except failing: Set<RegionID>) {
        // Items that were taken from a part since are named by that event, and not found by this one.
        if let part = write.part, postgres.moved[part.number] > number { return }
        let front = write.rows.contains { $0 < Site.items } ? [Site.front] : []
        for key in write.rows + front where !failing.contains(Site.region(of: key)) {
            if let version = redis.data.values[key], version < number {
                fail(.announced, "commit \(number) is announced, and key \(Site.names[key]) holds version \(version)")
            }
        }
    }

    /// A reader looks at the keys that change together, after a daemon has written.
    func readTogether(after author: Int) {
        if scenario.families.isEmpty || instances[author].isApart { return }
        if let tear = tear() { fail(.together, "daemon \(author) met no fault and no gap, and \(tear)") }
    }

    /// Two keys of one family that are cached from before and after a commit; nil when there are none.
    ///
    /// Whoever changes one row of a family changes all, and tells of it in one event: their versions are one.
    func tear() -> String? {
        for family in scenario.families {
            var seen: (key: Int, version: Int)?
            for key in family {
                guard let version = redis.data.values[key] else { continue }
                if let seen, seen.version != version {
                    return "key \(Site.names[key]) holds version \(version), "
                        + "key \(Site.names[seen.key]) version \(seen.version)"
                }
                seen = (key, version)
            }
        }
        return nil
    }

    /// What an owner has not done yet; nil when nothing is left.
    private func backlog() -> String? {
        for instance in instances where instance.isRunning && instance.keeper.role == .owner {
            let keys = instance.keeper.queue.keyCount
            // Not whether it is quiet: a nonce may be under way.
            if keys > 0 || instance.keeper.queue.oldestByRegion.contains(where: { $0 != nil }) {
                return "daemon \(instance.number) is not done, \(keys) keys wait besides groups"
            }
            if let number = instance.messages.keys.min() {
                return "daemon \(instance.number) has not announced commit \(number)"
            }
        }
        return nil
    }

    /// A commit that an owner has not heard of and that lies in no gap it has told of; nil when there is none.
    func unexplainedLoss() -> String? {
        for instance in instances {
            for (number, time) in instance.expected.sorted(by: { $0.key < $1.key })
            where !instance.answered.contains(where: { $0.from <= time && time <= $0.until ?? now }) {
                return "daemon \(instance.number) never heard of commit \(number), and tells of no gap then"
            }
        }
        return nil
    }

    /// How the cache differs from the database, or what is still to be done; nil when all is as it should be.
    func difference() -> String? {
        for key in 0..<Site.keys {
            let row = postgres.read(key)
            let cached = redis.data.values[key]
            if let cached, !row.exists || cached != row.version {
                return
                    "key \(Site.names[key]) holds version \(cached), the row \(row.exists ? "\(row.version)" : "none")"
            }
            if cached == nil, row.exists, mustExist[key] { return "key \(Site.names[key]) is missing" }
        }
        return backlog()
    }
}
