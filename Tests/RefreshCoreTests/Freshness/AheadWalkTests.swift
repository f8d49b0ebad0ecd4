import Testing

@testable import RefreshCore

/// Walks over keys on a virtual clock.
struct AheadWalkTests {
    private static let clock = Freshness(staleAfter: .seconds(100), ahead: .seconds(20), budget: 100, keep: .always)

    /// A region of keys with ages, as Redis would tell them, and the walk over it.
    private struct World {
        var walk: AheadWalk
        var now = Moment.zero
        /// When each key was written.
        var written: [String: Moment] = [:]
        var unread: Set<String> = []
        var refreshes: [(key: String, at: Moment, age: Moment.Span)] = []
        var rounds = 0
        var isBusy = false
        /// How many others' keys lie beside them.
        var others = 0

        init(_ freshness: Freshness, keys: Int) {
            walk = AheadWalk(freshness, at: .zero)
            for key in 0..<keys { written["k\(key)"] = .zero }
        }

        /// Does what the walk asks for, until a moment.
        mutating func run(until end: Moment) {
            while now < end {
                switch walk.next(at: now) {
                case .wait(let until):
                    check(until > now)
                    now = min(until, end)
                case .begin:
                    rounds += 1
                    walk.begin(keys: written.count + others, at: now)
                case .page(let cursor): look(cursor)
                case .refresh(let keys):
                    if isBusy {
                        walk.busy(at: now)
                        continue
                    }
                    for key in keys { refresh(key.description) }
                    walk.asked(keys.count, at: now)
                }
            }
        }

        private mutating func refresh(_ key: String) {
            refreshes.append((key, now, now - (written[key] ?? now)))
            written[key] = now
            unread.insert(key)
        }

        private mutating func look(_ cursor: UInt64) {
            let all = written.keys.sorted()
            let page = all.dropFirst(Int(cursor)).prefix(AheadWalk.pageKeys)
            let since = now
            now = now + .milliseconds(1)
            let sights = page.map { key in
                AheadWalk.Sight(
                    Bytes(key), age: now - (written[key] ?? now),
                    readership: unread.contains(key) ? .unread : .read)
            }
            let next = Int(cursor) + page.count
            walk.looked(sights, next: next >= all.count ? 0 : UInt64(next), since: since, at: now)
        }
    }

    @Test func everyValueIsRefreshedBeforeItIsStale() {
        var world = World(Self.clock, keys: 1_000)
        world.run(until: .second(400))
        let ages = world.refreshes.map(\.age)
        // Four times in 400 seconds, or five.
        #expect((4_000...5_500).contains(ages.count), "\(ages.count)")
        #expect(
            ages.allSatisfy { $0 < .seconds(100) && $0 > .seconds(74) },
            "\(ages.min() ?? .seconds(0)) to \(ages.max() ?? .seconds(0))")
        #expect(world.walk.stale == 0)
    }

    @Test func keysThatWereWrittenTogetherAreNotRefreshedTogether() {
        var world = World(Self.clock, keys: 1_000)
        world.run(until: .second(100))
        let seconds = Dictionary(grouping: world.refreshes, by: { $0.at.nanoseconds / 1_000_000_000 })
        #expect(world.refreshes.count == 1_000)
        #expect(seconds.values.allSatisfy { $0.count <= 110 }, "the budget is 100 in a second")
        // The same key at the same age after a restart: its place does not depend on the process.
        #expect(Self.clock.dueAge(of: Bytes("k7")) == Self.clock.dueAge(of: Bytes("k7")))
        let due = (0..<1_000).map { Self.clock.dueAge(of: Bytes("k\($0)")).seconds }
        for second in 80..<90 { #expect((50...150).contains(due.count { Int($0) == second })) }
    }

    @Test func aWalkStartedAnewFindsTheDeadlinesInRedis() {
        var world = World(Self.clock, keys: 500)
        world.run(until: .second(60))
        #expect(world.refreshes.isEmpty)
        world.walk = AheadWalk(Self.clock, at: world.now)
        world.run(until: .second(100))
        #expect(world.refreshes.count == 500)
        #expect(world.refreshes.allSatisfy { $0.age < .seconds(100) })
    }

    @Test func whileNothingIsDueItRests() {
        var world = World(Self.clock, keys: 1_000)
        world.run(until: .second(70))
        #expect(world.rounds == 1)
        world.run(until: .second(100))
        #expect(world.rounds <= 6)
    }

    @Test func whatIsOverTheBudgetWaits() {
        let scarce = Freshness(staleAfter: .seconds(100), ahead: .seconds(20), budget: 5, keep: .always)
        var world = World(scarce, keys: 1_000)
        world.run(until: .second(85))
        #expect(world.walk.waiting > 0)
        world.run(until: .second(300))
        let times = world.refreshes.map(\.at.nanoseconds)
        // From the first on five a second, and not one of them lost.
        let seconds = (Double((times.max() ?? 0) - (times.min() ?? 0)) / 1e9).rounded()
        #expect(abs(Double(times.count) - seconds * 5) <= 20, "\(times.count) in \(seconds) s")
        #expect(world.walk.stale > 100, "values grow stale, and that is told")
    }

    @Test func whatWaitsForOthersIsNotLost() {
        var world = World(Self.clock, keys: 10)
        world.isBusy = true
        world.run(until: .second(95))
        #expect(world.refreshes.isEmpty && world.walk.waiting > 0)
        world.isBusy = false
        world.run(until: .second(96))
        #expect(Set(world.refreshes.map(\.key)).count == 10)
    }

    @Test func whatNobodyReadsIsLetGo() {
        let freshness = Freshness(staleAfter: .seconds(100), ahead: .seconds(20), budget: 100, keep: .whileRead)
        var world = World(freshness, keys: 100)
        world.unread = ["k1", "k2"]
        world.run(until: .second(110))
        #expect(Set(world.refreshes.map(\.key)).isDisjoint(with: ["k1", "k2"]))
        #expect(Set(world.refreshes.map(\.key)).count == 98)
        #expect(world.walk.unread == 2 && world.walk.stale == 2)
        // Somebody reads it, stale as it is.
        world.unread.remove("k1")
        world.run(until: .second(140))
        #expect(world.refreshes.contains { $0.key == "k1" })
        #expect(!world.refreshes.contains { $0.key == "k2" })
    }

    @Test func aValueOfUnknownAgeIsDue() {
        var walk = AheadWalk(Self.clock, at: .zero)
        walk.begin(keys: 1, at: .zero)
        walk.looked([.init(Bytes("a"), age: nil)], next: 0, since: .zero, at: .zero)
        #expect(walk.next(at: .zero) == .refresh([Bytes("a")]))
        #expect(walk.stale == 1)
    }

    @Test func pagesAreSpreadOverTheRound() {
        var world = World(Self.clock, keys: 1)
        // A million keys of others: 3,907 pages in a round of five seconds.
        world.walk.begin(keys: 1_000_000, at: .zero)
        world.walk.looked([], next: 1, since: .zero, at: .zero + .milliseconds(1))
        guard case .wait(let until) = world.walk.next(at: .zero + .milliseconds(1)) else {
            Issue.record("no pause")
            return
        }
        // More would be even; but Redis has nine times as long for others.
        #expect(until == .zero + .milliseconds(10))
        world.walk.postpone(until: .second(2))
        #expect(world.walk.next(at: .second(1)) == .wait(until: .second(2)))
        #expect(world.walk.next(at: .second(2)) == .begin)
    }

    @Test func theBudgetHoldsForAnyRate() {
        for rate in [1, 3, 10, 1_000, 1_000_000] {
            var budget = RefreshBudget(perSecond: rate)
            var (now, count) = (Moment.second(5), 0)
            let end = Moment.second(15)
            while now < end {
                let some = budget.available(at: now)
                if some == 0 {
                    let next = budget.next(at: now)
                    check(next > now)
                    now = next
                    continue
                }
                budget.take(some, at: now)
                count += some
            }
            #expect(abs(count - rate * 10) <= max(1, rate / 10) + 1, "\(count) at \(rate)")
        }
    }

    @Test func theLongestTimesDoNotOverflow() {
        let long = Moment.Span.milliseconds(3_650 * 86_400_000)
        let freshness = Freshness(
            staleAfter: long, ahead: .milliseconds(3_000 * 86_400_000), budget: 1, keep: .always)
        for key in ["a", "b", "c"] {
            #expect(freshness.dueAge(of: Bytes(key)) >= freshness.earliestDue)
            #expect(freshness.dueAge(of: Bytes(key)) < long)
        }
    }
}
