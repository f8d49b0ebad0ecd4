import RefreshCore
import Testing

@Suite struct RefreshQueueTests {
    private let fault = RefreshFault(sqlState: "22012", text: "division by zero")

    @Test func eventsForAWaitingKeyAddNothing() throws {
        var queue = Shop.queue()
        for _ in 0..<10_000 { queue.item("7") }
        let batch = try queue.takeBatch(at: .zero).orThrow()
        #expect(batch.keys == ["7"])
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
        check(queue.counts.coalesced == 9_999)
        check(queue.keyCount == 0)
    }

    @Test func anEventDuringTheFlightRunsTheKeyOnceMore() throws {
        var queue = Shop.queue()
        queue.item("7")
        let first = try queue.takeBatch(at: .zero).orThrow()
        for _ in 0..<5 { queue.item("7") }
        check(queue.takeBatch(at: .zero) == nil)
        queue.finish(first, .stored(except: []), at: .zero)
        let second = try queue.takeBatch(at: .zero).orThrow()
        #expect(second.keys == ["7"])
        queue.finish(second, .stored(except: []), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
    }

    @Test func anInvalidationDuringTheFlightKeepsTheOldValueOut() throws {
        var queue = Shop.queue()
        queue.item("7")
        let refresh = try queue.takeBatch(at: .zero).orThrow()
        queue.invalidate(Shop.items, key: Bytes("7"), event: nil, at: .zero)
        check(!queue.mayStore(refresh, 0))
        queue.finish(refresh, .stored(except: []), at: .zero)
        let deletion = try queue.takeDeletions(at: .zero).orThrow()
        #expect(deletion.keys == ["7"])
        #expect(deletion.work == .delete(Shop.items))
    }

    @Test func ofARefreshAndAnInvalidationTheLaterWins() throws {
        var queue = Shop.queue()
        queue.item("7")
        queue.invalidate(Shop.items, key: Bytes("7"), event: nil, at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
        queue.item("7")
        check(queue.takeDeletions(at: .zero) == nil)
        check(try queue.takeBatch(at: .zero).orThrow().keys == ["7"])
    }

    @Test func queriesTakeTurns() throws {
        var queue = Shop.queue(workers: 8)
        for id in 0..<2_000 { queue.item("\(id)") }
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        let first = try queue.takeBatch(at: .zero).orThrow()
        let second = try queue.takeBatch(at: .zero).orThrow()
        #expect(first.work == .refresh(Shop.item))
        #expect(second.work == .refresh(Shop.page))
    }

    @Test func oneQueryNeverHasAllWorkers() throws {
        var queue = Shop.queue(workers: 2)
        for id in 0..<2_000 { queue.item("\(id)") }
        check(queue.takeBatch(at: .zero) != nil)
        check(queue.takeBatch(at: .zero) == nil)
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        check(queue.takeBatch(at: .zero)?.work == .refresh(Shop.page))
    }

    @Test func aFailedBatchIsHalvedDownToItsPoisonKey() throws {
        var queue = Shop.queue()
        for id in 0..<512 { queue.item("\(id)") }
        var statements = 0
        var stored: Set<String> = []
        while let batch = queue.takeBatch(at: .zero) {
            statements += 1
            if batch.keys.contains("137") {
                queue.finish(batch, .failed(fault), at: .zero)
            } else {
                stored.formUnion(batch.keys)
                queue.finish(batch, .stored(except: []), at: .zero)
            }
        }
        #expect(stored.count == 511)
        #expect(statements <= 20)
        let (shown, total) = queue.parkedKeys(first: 5)
        #expect(total == 1)
        #expect(shown.first?.key == Bytes("137"))
        #expect(shown.first?.fault == fault)
        check(queue.nextWake != nil)
        let retry = try queue.takeBatch(at: .second(2)).orThrow()
        #expect(retry.keys == ["137"])
    }

    @Test func aBrokenQueryPausesAndTheOthersGoOn() throws {
        var queue = Shop.queue()
        queue.item("1")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .broken(fault), at: .zero)
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        check(queue.takeBatch(at: .zero)?.work == .refresh(Shop.page))
        check(queue.takeBatch(at: .zero) == nil)
        let wake = try queue.nextWake.orThrow()
        check(queue.takeBatch(at: wake)?.keys == ["1"])
    }

    @Test func aMessageIsDueOnceAllItsKeysAreStored() throws {
        var queue = Shop.queue(workers: 4)
        let event = try queue.message().orThrow()
        queue.item("1", event: event)
        queue.refresh(Shop.front, key: Bytes("front"), parameters: .empty, event: event, at: .zero)
        queue.seal(event)
        let first = try queue.takeBatch(at: .zero).orThrow()
        let second = try queue.takeBatch(at: .zero).orThrow()
        var announced = 0
        queue.announce(first, 0) { _ in announced += 1 }
        #expect(announced == 0)
        queue.finish(first, .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty)
        queue.finish(second, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
    }

    @Test func anAnnouncedMessageIsNotDueAgainUnlessTheWriteFailed() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        queue.item("1", event: event)
        queue.seal(event)
        let first = try queue.takeBatch(at: .zero).orThrow()
        var announced = 0
        queue.announce(first, 0) { _ in announced += 1 }
        queue.finish(first, .interrupted, at: .zero)
        let second = try queue.takeBatch(at: .zero).orThrow()
        queue.announce(second, 0) { _ in announced += 1 }
        #expect(announced == 2)
        queue.finish(second, .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty)
    }

    @Test func aMessageOfADirtyKeyWaitsForTheSecondRun() throws {
        var queue = Shop.queue()
        queue.item("1")
        let first = try queue.takeBatch(at: .zero).orThrow()
        let event = try queue.message().orThrow()
        queue.item("1", event: event)
        queue.seal(event)
        queue.finish(first, .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty)
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
    }

    @Test func aFullQueueFoldsIntoAResyncAndStaysFlat() throws {
        var queue = Shop.queue(bytes: 1 << 20)
        for id in 0..<1_000_000 { queue.item("\(id)") }
        check(queue.bytes < 1 << 20)
        check(queue.takeFolds() == [Shop.items])
        check(queue.takeBatch(at: .zero) == nil)
        queue.beginPass(Shop.items)
        queue.item("7")
        check(queue.takeBatch(at: .zero)?.keys == ["7"])
    }

    @Test func messagesOfFoldedKeysWaitForThePass() throws {
        var queue = Shop.queue(bytes: 1 << 16)
        for id in 0..<10_000 { queue.item("\(id)") }
        let event = try queue.message().orThrow()
        queue.item("early", event: event)
        queue.seal(event)
        check(queue.takeDue().isEmpty)
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: false)
        check(queue.takeDue().isEmpty)
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: true)
        check(queue.takeDue().count == 1)
    }

    @Test func aPassDoesNotTouchWhatIsNewer() throws {
        var queue = Shop.queue()
        queue.item("1")
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.item("2")
        queue.beginPass(Shop.items)
        queue.remember(Shop.items)
        check(!queue.admits(Bytes("1"), in: Shop.items))
        check(!queue.admits(Bytes("2"), in: Shop.items))
        check(queue.admits(Bytes("3"), in: Shop.items))
        queue.finish(batch, .stored(except: []), at: .zero)
        check(!queue.admits(Bytes("1"), in: Shop.items))
        queue.endPass(Shop.items, completed: true)
        check(queue.admits(Bytes("1"), in: Shop.items))
    }

    @Test func anInvalidatedRegionKeepsOnlyWhatComesLater() throws {
        var queue = Shop.queue(workers: 3)
        queue.item("1")
        let running = try queue.takeBatch(at: .zero).orThrow()
        queue.item("2")
        queue.invalidateAll(Shop.items, event: nil, at: .zero)
        check(!queue.mayStore(running, 0))
        check(queue.takeBatch(at: .zero) == nil)
        queue.item("3")
        let later = try queue.takeBatch(at: .zero).orThrow()
        #expect(later.keys == ["3"])
        queue.finish(later, .stored(except: []), at: .zero)
        queue.beginPass(Shop.items)
        check(!queue.admits(Bytes("3"), in: Shop.items))
        check(queue.admits(Bytes("2"), in: Shop.items))
    }

    @Test func aTimeoutMakesBatchesSmaller() throws {
        var queue = Shop.queue()
        for id in 0..<100 { queue.item("\(id)") }
        let first = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(first, .timedOut(fault), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
        check(try queue.takeBatch(at: .second(2)).orThrow().items.count == 50)
    }

    @Test func theNextBatchIsTakenWhileTheOneBeforeIsStored() throws {
        var queue = Shop.queue(workers: 1)
        for id in 0..<2_000 { queue.item("\(id)") }
        let first = try queue.takeBatch(at: .zero).orThrow()
        check(queue.takeBatch(at: .zero) == nil)
        queue.answered(first)
        let second = try queue.takeBatch(at: .zero).orThrow()
        #expect(Set(first.keys).isDisjoint(with: second.keys))
        queue.finish(first, .stored(except: []), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
    }
}
