import Testing

@testable import RefreshCore

/// Keys that were stored while readers held their locks.
@Suite struct ContestedKeyTests {
    private static let minute = Moment.Span.seconds(60)

    /// Takes what there is and ends it as stored, the named places under locks of readers.
    @discardableResult
    private func refresh(
        _ queue: inout RefreshQueue, contested places: [Int], patience: Moment.Span = minute, at now: Moment,
        meanwhile: (inout RefreshQueue) -> Void = { _ in }
    ) throws -> (keys: [String], letGo: [Int]) {
        let batch = try queue.takeBatch(at: now).orThrow()
        meanwhile(&queue)
        let letGo = queue.finish(
            batch, .stored(except: [], contested: Contested(places: places, patience: patience)), at: now)
        return (batch.keys, letGo)
    }

    @Test func isStoredAndRunsAgainAfterGrowingRestsUntilTheLockIsFree() throws {
        var queue = Shop.queue()
        let event = queue.message()
        queue.item("1", event: event)
        queue.item("2")
        if let event { queue.seal(event) }
        try refresh(&queue, contested: [0], at: .zero)
        check(queue.takeDue().count == 1, "messages do not wait for a reader")
        check(queue.isQuiet && queue.keyCount == 1 && queue.oldest(ofAtMost: 100) == nil)
        check(queue.contestedByRegion == [1, 0, 0] && queue.isFailing(Shop.items))
        var now = Moment.zero
        var rests: [Int64] = []
        for _ in 0..<8 {
            check(queue.takeBatch(at: now) == nil)
            let wake = try queue.nextWake.orThrow()
            rests.append((wake - now).nanoseconds / 1_000_000)
            now = wake
            #expect(try refresh(&queue, contested: [0], at: now).keys == ["1"])
        }
        #expect(rests == [50, 100, 200, 400, 800, 1000, 1000, 1000])
        now = try queue.nextWake.orThrow()
        try refresh(&queue, contested: [], at: now)
        check(queue.keyCount == 0 && queue.nextWake == nil && !queue.isFailing(Shop.items))
        check(queue.counts.stored == 11 && queue.counts.parked == 0)
    }

    @Test func aKeyWhoseLockIsHeldForTooLongIsLetGo() throws {
        var queue = Shop.queue()
        queue.item("1")
        queue.item("2")
        #expect(try refresh(&queue, contested: [0, 1], patience: .milliseconds(120), at: .zero).letGo == [])
        var now = try queue.nextWake.orThrow()
        #expect(try refresh(&queue, contested: [0, 1], patience: .milliseconds(120), at: now).letGo == [])
        now = try queue.nextWake.orThrow()
        #expect(try refresh(&queue, contested: [1], patience: .milliseconds(120), at: now).letGo == [1])
        check(queue.keyCount == 0 && queue.nextWake == nil)
        // A new event begins anew.
        queue.item("2", at: now)
        #expect(try refresh(&queue, contested: [0], patience: .milliseconds(120), at: now).letGo == [])
        #expect(try refresh(&queue, contested: [0], patience: .seconds(0), at: queue.nextWake.orThrow()).letGo == [0])
    }

    @Test func anEventDoesNotWaitForTheRest() throws {
        var queue = Shop.queue()
        queue.item("1")
        try refresh(&queue, contested: [0], at: .zero)
        let event = queue.message(at: .second(1))
        queue.item("1", event: event, at: .second(1))
        if let event { queue.seal(event) }
        check(!queue.isQuiet && queue.takeDue().isEmpty)
        let (keys, _) = try refresh(&queue, contested: [0], at: .second(1))
        #expect(keys == ["1"])
        check(queue.takeDue().count == 1)
        // The contest goes on: its next rest is the longer one.
        check(try queue.nextWake.orThrow() == .second(1) + .milliseconds(100))
        // The place of the first rest is void.
        check(queue.takeBatch(at: .second(1) + .milliseconds(50)) == nil)
    }

    @Test func anEventDuringTheFlightRunsAtOnceAndKeepsThePatience() throws {
        var queue = Shop.queue()
        queue.item("1")
        try refresh(&queue, contested: [0], patience: .seconds(2), at: .zero) { $0.item("1") }
        try refresh(&queue, contested: [0], patience: .seconds(2), at: .second(1))
        #expect(try refresh(&queue, contested: [0], patience: .seconds(2), at: .second(3)).letGo == [0])
    }

    @Test func faultsAndContestsGoTogether() throws {
        var queue = Shop.queue()
        for key in ["1", "2", "3"] { queue.item(key) }
        let batch = try queue.takeBatch(at: .zero).orThrow()
        let fault = RefreshFault(sqlState: nil, text: "no")
        queue.finish(
            batch, .stored(except: [(1, fault)], contested: Contested(places: [1, 2], patience: Self.minute)), at: .zero
        )
        check(queue.keyCount == 2 && queue.parkedKeys(first: 0).total == 1 && queue.contestedByRegion[0] == 1)
    }

    @Test func isDroppedWithItsQueryItsRegionAndTheLease() throws {
        var queue = Shop.queue()
        queue.item("1")
        try refresh(&queue, contested: [0], at: .zero)
        queue.invalidateAll(Shop.items, event: nil, at: .zero)
        check(queue.keyCount == 0 && queue.contestedByRegion[0] == 0 && queue.takeBatch(at: .second(9)) == nil)
        queue.item("1")
        try refresh(&queue, contested: [0], at: .zero)
        queue.abandon()
        check(queue.keyCount == 0 && queue.takeBatch(at: .second(9)) == nil)
    }

    @Test func aPassDoesNotWaitForIt() throws {
        var queue = Shop.queue()
        queue.item("1")
        try refresh(&queue, contested: [0], at: .zero)
        let event = queue.message()
        queue.invalidateAll(Shop.pages, event: event, at: .zero)
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: true)
        check(queue.keyCount == 1)
    }

    @Test func aDeletionIsContestedAsWell() throws {
        var queue = Shop.queue()
        queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .zero)
        let batch = try queue.takeDeletions(at: .zero).orThrow()
        queue.finish(batch, .stored(except: [], contested: Contested(places: [0], patience: Self.minute)), at: .zero)
        check(queue.takeDeletions(at: .zero) == nil)
        check(try queue.takeDeletions(at: .zero + .milliseconds(50)).orThrow().keys == ["1"])
    }
}
