import RefreshCore
import Testing

/// What clients wait for: keys that they ask for now, and all that was asked for before.
@Suite struct CallTests {
    private let fault = RefreshFault(sqlState: "22012", text: "division by zero")

    private static func call(_ queue: inout RefreshQueue, _ number: UInt64 = 1) throws -> EventID {
        try queue.begin(Event(purpose: .call(number), payload: .empty, sequence: 0, seen: .zero)).orThrow()
    }

    private static func calls(_ queue: inout RefreshQueue) -> [UInt64] {
        queue.takeDue().compactMap { if case .call(let number) = $0.purpose { number } else { nil } }
    }

    @Test func aKeyThatSomebodyWaitsForGoesFirst() throws {
        var queue = Shop.queue()
        for id in 1...2_000 { queue.item("\(id)") }
        let event = try Self.call(&queue)
        queue.refreshNow(Shop.item, key: Bytes("1999"), parameters: Bytes("1999"), event: event, at: .zero)
        queue.seal(event)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        #expect(batch.keys == ["1999"])
        check(Self.calls(&queue) == [])
        queue.finish(batch, .stored(except: []), at: .zero)
        check(Self.calls(&queue) == [1])
        check(queue.keyCount == 1_999)
    }

    @Test func aParkedKeyIsTriedAtOnceAndItsFaultIsTold() throws {
        var queue = Shop.queue()
        queue.item("7")
        let first = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(first, .failed(fault), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
        let event = try Self.call(&queue)
        queue.refreshNow(Shop.item, key: Bytes("7"), parameters: Bytes("7"), event: event, at: .zero)
        queue.seal(event)
        check(Self.calls(&queue) == [])
        let again = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(again, .failed(fault), at: .zero)
        check(Self.calls(&queue) == [1], "nobody waits for a key that pauses")
        check(queue.fault(of: Bytes("7"), in: Shop.items) == fault)
        check(queue.fault(of: Bytes("8"), in: Shop.items) == nil)
    }

    @Test func theBarrierWaitsForWhatWaitsAndRunsAndForNothingLater() throws {
        var queue = Shop.queue()
        queue.item("1")
        let first = try queue.takeBatch(at: .zero).orThrow()
        queue.item("1")
        queue.item("2")
        let event = try Self.call(&queue)
        check(queue.awaitAll(event, in: { _ in true }, atMost: 10))
        queue.seal(event)
        queue.item("3")
        queue.finish(first, .stored(except: []), at: .zero)
        check(Self.calls(&queue) == [])
        while let batch = queue.takeBatch(at: .zero) {
            #expect(Self.calls(&queue) == [])
            queue.finish(batch, .stored(except: []), at: .zero)
        }
        check(Self.calls(&queue) == [1])
    }

    @Test func theBarrierLeavesOutOtherRegionsAndParkedKeys() throws {
        var queue = Shop.queue()
        queue.item("7")
        let poisoned = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(poisoned, .failed(fault), at: .zero)
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        let event = try Self.call(&queue)
        check(queue.awaitAll(event, in: { $0 == Shop.items }, atMost: 10))
        queue.seal(event)
        check(Self.calls(&queue) == [1])
    }

    @Test func tooManyKeysAreNotNoted() throws {
        var queue = Shop.queue()
        for id in 1...11 { queue.item("\(id)") }
        let event = try Self.call(&queue)
        check(!queue.awaitAll(event, in: { _ in true }, atMost: 10))
        queue.seal(event)
        check(Self.calls(&queue) == [1], "it is to look again")
    }

    /// A purge and a resync are part of what was asked for.
    @Test func theBarrierWaitsForPasses() throws {
        var keeper = RegionKeeper(Shop.catalogue, limits: .init(bytes: 1 << 20, workers: 2), seed: 7, at: .zero)
        keeper.feedRestored(at: .zero)
        keeper.promoted(replacing: "", at: .zero)
        keeper.feedProven(at: .zero)
        let running = try keeper.nextPass().orThrow()
        let event = try Self.call(&keeper.queue)
        check(keeper.awaitAll(event, in: nil, at: .zero))
        keeper.queue.seal(event)
        keeper.passEnded(running.region, completed: false, at: .zero)
        check(Self.calls(&keeper.queue) == [])
        while let pass = keeper.nextPass() {
            #expect(Self.calls(&keeper.queue) == [])
            keeper.passEnded(pass.region, completed: true, at: .zero)
        }
        check(Self.calls(&keeper.queue) == [1])

        let second = try Self.call(&keeper.queue, 2)
        keeper.apply(.invalidateAll(Shop.items), event: nil, at: .zero)
        check(keeper.awaitAll(second, in: [Shop.items], at: .zero))
        keeper.queue.seal(second)
        check(Self.calls(&keeper.queue) == [])
        let purge = try keeper.nextPass().orThrow()
        keeper.passEnded(purge.region, completed: true, at: .zero)
        check(Self.calls(&keeper.queue) == [2])
    }

    /// Keys that fold are not lost to who waits: the pass that answers the fold is waited for.
    @Test func theBarrierWaitsForKeysThatFolded() throws {
        var keeper = RegionKeeper(Shop.catalogue, limits: .init(bytes: 4_096, workers: 2), seed: 7, at: .zero)
        keeper.feedRestored(at: .zero)
        keeper.promoted(replacing: "", at: .zero)
        keeper.feedProven(at: .zero)
        while let pass = keeper.nextPass() { keeper.passEnded(pass.region, completed: true, at: .zero) }
        for id in 1...100 { keeper.queue.item("\(id)") }
        check(keeper.queue.counts.folded > 0)
        let event = try Self.call(&keeper.queue)
        check(keeper.awaitAll(event, in: nil, at: .zero))
        keeper.queue.seal(event)
        while let batch = keeper.queue.takeBatch(at: .zero) {
            keeper.queue.finish(batch, .stored(except: []), at: .zero)
        }
        check(Self.calls(&keeper.queue) == [])
        let pass = try keeper.nextPass().orThrow()
        check(pass.region == Shop.items && pass.kind == .resync)
        keeper.passEnded(pass.region, completed: true, at: .zero)
        check(Self.calls(&keeper.queue) == [1])
    }
}

/// Resolvers: an item turns into keys, and what waits for it waits for them.
@Suite struct ResolvingTests {
    @Test func whatWaitsForAnItemWaitsForWhatItMeans() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        // Any query stands for the resolver here: the queue does not know which is one.
        queue.refresh(Shop.page, key: Bytes("tag"), parameters: Bytes("tag"), event: event, at: .zero)
        queue.seal(event)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        let keys = ["1", "2"].map { (key: Bytes($0), parameters: Bytes($0)) }
        queue.resolved(batch, 0, to: keys, of: Shop.item, at: .zero)
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty)
        let found = try queue.takeBatch(at: .zero).orThrow()
        #expect(found.keys == ["1", "2"])
        queue.finish(found, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
        check(queue.isQuiet && queue.keyCount == 0)
    }

    @Test func anItemThatMeansNothingIsDone() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        queue.refresh(Shop.page, key: Bytes("tag"), parameters: Bytes("tag"), event: event, at: .zero)
        queue.seal(event)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.resolved(batch, 0, to: [], of: Shop.item, at: .zero)
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1 && queue.isQuiet)
    }
}
