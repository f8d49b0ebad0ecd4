import Testing

@testable import RefreshCore

@Suite struct HotKeyTests {
    /// Refreshes key 7 once at `now`; `meanwhile` happens while its statement runs. False when it rests.
    private func refresh(
        _ queue: inout RefreshQueue, at now: Moment, meanwhile: (inout RefreshQueue) -> Void = { _ in }
    ) throws -> Bool {
        guard let batch = queue.takeBatch(at: now) else { return false }
        #expect(batch.keys == ["7"])
        meanwhile(&queue)
        queue.finish(batch, .stored(except: []), at: now)
        return true
    }

    @Test func aKeyThatChangesAllTheTimeRestsLongerEachTimeUpToABound() throws {
        var queue = Shop.queue()
        queue.item("7")
        var now = Moment.zero
        var rests: [Int64] = []
        for _ in 0..<13 {
            if try refresh(&queue, at: now, meanwhile: { $0.item("7", at: now) }) { continue }
            check(!queue.isQuiet, "what rests is work")
            let wake = try queue.nextWake.orThrow()
            rests.append((wake - now).nanoseconds / 1_000_000)
            now = wake
        }
        #expect(rests == [4, 8, 16, 24, 24, 24])
    }

    @Test func theLastEventIsAnsweredAndACoolKeyBeginsAnew() throws {
        var queue = Shop.queue()
        queue.item("7")
        check(try refresh(&queue, at: .zero) { $0.item("7") })
        check(try refresh(&queue, at: .zero) { $0.item("7") })
        check(!(try refresh(&queue, at: .zero)))
        let wake = try queue.nextWake.orThrow()
        check(try refresh(&queue, at: wake))
        check(queue.keyCount == 0 && queue.isQuiet && queue.nextWake == nil)
        queue.item("7", at: wake)
        check(try refresh(&queue, at: wake) { $0.item("7", at: wake) }, "a second refresh follows at once")
        check(try refresh(&queue, at: wake))
    }

    @Test func aDeletionDoesNotRestAndOvertakesTheRefreshThatDoes() throws {
        var queue = Shop.queue()
        queue.item("7")
        check(try refresh(&queue, at: .zero) { $0.item("7") })
        check(try refresh(&queue, at: .zero) { $0.item("7") })
        queue.invalidate(Shop.items, key: Bytes("7"), event: nil, at: .zero)
        let deletion = try queue.takeDeletions(at: .zero).orThrow()
        #expect(deletion.keys == ["7"])
        queue.finish(deletion, .stored(except: []), at: .zero)
        let wake = try queue.nextWake.orThrow()
        check(queue.takeBatch(at: wake) == nil, "its place among those that rest is void")
        check(queue.keyCount == 0 && queue.isQuiet)
    }

    @Test func aKeyThatRestsIsForgottenWithItsQuery() throws {
        var queue = Shop.queue()
        queue.item("7")
        check(try refresh(&queue, at: .zero) { $0.item("7") })
        check(try refresh(&queue, at: .zero) { $0.item("7") })
        queue.abandon()
        check(queue.keyCount == 0)
        check(queue.takeBatch(at: .second(1)) == nil)
        check(queue.isQuiet)
    }

    @Test func lanesTakeTurnsAndLeaveWithTheirWork() {
        var turns = LaneTurns()
        for lane in [3, 1, 3, 2] { turns.add(lane) }
        #expect(turns.count == 3 && Array(turns.lanes) == [3, 1, 2])
        #expect(turns.next() == 3)
        turns.add(3)
        #expect([turns.next(), turns.next(), turns.next(), turns.next()] == [1, 2, 3, nil])
    }
}
