import RefreshCore
import Testing

@Suite struct QueuePauseTests {
    private let fault = RefreshFault(sqlState: "42P01", text: "no such table")

    @Test func aPauseThatIsOverWakesNobodyAgain() throws {
        var queue = Shop.queue(workers: 1)
        queue.item("1")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .broken(fault), at: .zero)
        let wake = try queue.nextWake.orThrow()
        check(queue.takeBatch(at: wake) != nil)
        queue.item("2")
        check(queue.takeBatch(at: wake) == nil)
        check(queue.nextWake == nil)
    }

    @Test func deletionsPauseToo() throws {
        var queue = Shop.queue()
        queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .zero)
        queue.finish(try queue.takeDeletions(at: .zero).orThrow(), .broken(fault), at: .zero)
        check(queue.takeDeletions(at: .zero) == nil)
        let wake = try queue.nextWake.orThrow()
        check(queue.takeDeletions(at: wake) != nil)
    }

    @Test func aParkedDeletionWakesByItself() throws {
        var queue = Shop.queue()
        queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .zero)
        queue.finish(try queue.takeDeletions(at: .zero).orThrow(), .failed(fault), at: .zero)
        check(queue.takeDeletions(at: .zero) == nil)
        let wake = try queue.nextWake.orThrow()
        check(queue.takeDeletions(at: wake)?.keys == ["1"])
    }

    @Test func pausesGrowAndEndWithTheFirstSuccess() throws {
        var queue = Shop.queue()
        queue.item("1")
        var now = Moment.zero
        var longest = Moment.Span.seconds(0)
        for _ in 0..<12 {
            queue.finish(try queue.takeBatch(at: now).orThrow(), .broken(fault), at: now)
            let wake = try queue.nextWake.orThrow()
            check(wake - now <= queue.limits.longestPause)
            longest = max(longest, wake - now)
            now = wake
        }
        #expect(longest >= .seconds(30))
        let lane = try (queue.report().first { $0.work == .refresh(Shop.item) }).orThrow()
        #expect(lane.fault == fault && lane.failingSince == .zero)
        queue.finish(try queue.takeBatch(at: now).orThrow(), .stored(except: []), at: now)
        let after = try (queue.report().first { $0.work == .refresh(Shop.item) }).orThrow()
        #expect(after.fault == nil && after.failingSince == nil && after.suspendedUntil == nil)
        queue.item("1", at: now)
        queue.finish(try queue.takeBatch(at: now).orThrow(), .broken(fault), at: now)
        check(try queue.nextWake.orThrow() - now <= queue.limits.firstPause)
    }

    @Test func aParkedKeyKeepsItsPauseWhenItIsAskedForAgain() throws {
        var queue = Shop.queue()
        queue.item("1")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .failed(fault), at: .zero)
        queue.item("1")
        check(queue.takeBatch(at: .zero) == nil)
        check(queue.parkedKeys(first: 1).total == 1)
    }

    @Test func anotherOperationHasItsOwnFaults() throws {
        var queue = Shop.queue()
        queue.item("1")
        for second in [0, 100, 300] as [Int64] {
            queue.finish(try queue.takeBatch(at: .second(second)).orThrow(), .failed(fault), at: .second(second))
        }
        let refresh = try queue.takeBatch(at: .second(900)).orThrow()
        queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .second(900))
        queue.finish(refresh, .failed(fault), at: .second(900))
        queue.finish(try queue.takeDeletions(at: .second(900)).orThrow(), .failed(fault), at: .second(900))
        let parked = try (queue.parkedKeys(first: 1).shown.first).orThrow()
        #expect(parked.attempts == 1 && parked.query == nil && parked.since == .second(900))
    }

    @Test func aPassDoesNotWaitForAParkedKey() throws {
        var queue = Shop.queue()
        queue.item("1")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .failed(fault), at: .zero)
        let pass = try queue.begin(.pass(of: Shop.items)).orThrow()
        queue.item("1", event: pass)
        queue.seal(pass)
        check(queue.takeDue().map(\.purpose) == [.pass(Shop.items)])
    }

    @Test func aPassStopsWaitingForAKeyThatIsParked() throws {
        var queue = Shop.queue()
        let pass = try queue.begin(.pass(of: Shop.items)).orThrow()
        let message = try queue.message().orThrow()
        queue.item("1", event: pass)
        queue.item("1", event: message)
        queue.seal(pass)
        queue.seal(message)
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .failed(fault), at: .zero)
        check(queue.takeDue().map(\.purpose) == [.pass(Shop.items)])
        queue.finish(try queue.takeBatch(at: .second(2)).orThrow(), .stored(except: []), at: .second(2))
        check(queue.takeDue().map(\.purpose) == [.messages(ChannelID(0))])
    }

    @Test func theAgeIsThatOfTheOldestKeyThatStillWaits() {
        var queue = Shop.queue()
        check(queue.oldestUnparked == nil)
        queue.item("1", at: .second(1))
        queue.item("2", at: .second(2))
        queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .second(3))
        check(queue.takeDeletions(at: .second(4))?.keys == ["1"])
        check(queue.oldestUnparked == .second(1))
        queue.invalidate(Shop.pages, key: Bytes("a"), event: nil, at: .zero)
        check(queue.oldestUnparked == .zero)
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .second(5))
        queue.refresh(Shop.page, key: Bytes("b"), parameters: Bytes("b"), event: nil, at: .second(6))
        queue.invalidate(Shop.pages, key: Bytes("a"), event: nil, at: .second(7))
        check(queue.takeDeletions(at: .second(8))?.keys == ["a"])
        check(queue.oldestUnparked == .zero)
    }

    @Test func aKeyThatIsAskedForOtherwiseDoesNotHideThoseBehindIt() throws {
        var queue = Shop.queue()
        queue.item("1", at: .second(1))
        queue.item("2", at: .second(2))
        queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .second(3))
        queue.finish(try queue.takeDeletions(at: .second(4)).orThrow(), .stored(except: []), at: .second(4))
        check(queue.oldestUnparked == .second(2))
    }

    @Test func onlyTheNamedItemsOfAStoredBatchArePerhapsStale() throws {
        var queue = Shop.queue()
        for id in 0..<4 { queue.item("\(id)") }
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(batch, .stored(except: [(1, fault), (3, fault)]), at: .zero)
        check(Set(queue.parkedKeys(first: 9).shown.map(\.key)) == [Bytes("1"), Bytes("3")])
        check(queue.counts.stored == 2 && queue.counts.parked == 2)
        queue.finish(batch, .interrupted, at: .zero)
        check(queue.keyCount == 2)
    }
}

extension Event {
    static func pass(of region: RegionID, _ number: UInt64 = 1) -> Event {
        Event(purpose: .pass(region), payload: .empty, sequence: number, seen: .zero)
    }
}
