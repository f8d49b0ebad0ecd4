import Testing

@testable import RefreshCore

@Suite struct QueueBoundTests {
    @Test func aKeyThatChangesItsOperationMayNotGrowTheQueue() {
        var queue = Shop.queue(bytes: 100_000)
        for id in 0..<200 { queue.invalidate(Shop.items, key: Bytes("\(id)"), event: nil, at: .zero) }
        check(queue.takeFolds().isEmpty)
        let long = Bytes(Array(repeating: 65, count: 1_000))
        for id in 0..<200 {
            queue.refresh(Shop.item, key: Bytes("\(id)"), parameters: long, event: nil, at: .zero)
            check(queue.bytes <= 50_000)
        }
        check(queue.takeFolds() == [Shop.items])
    }

    /// Found by simulation: each pass wrapped what had waited for the one before, as long as a query could not run.
    @Test func whatWaitsForPassAfterPassDoesNotGrow() throws {
        var queue = Shop.queue(bytes: 20_000)
        let event = try queue.message().orThrow()
        queue.resync(Shop.items, event: event, at: .zero)
        queue.seal(event)
        queue.item("first")
        let broken = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(broken, .broken(RefreshFault(sqlState: "42P01", text: "no table")), at: .zero)
        var most = 0
        for round in 1...50 {
            queue.beginPass(Shop.items)
            for id in 0..<20 { queue.item("\(id)") }
            queue.endPass(Shop.items, completed: true)
            for id in 0..<100 { queue.item("fold \(id)") }
            check(queue.takeFolds() == [Shop.items])
            let size = queue.events.bytes + 16 * queue.events.links.count
            if round == 2 { most = size }
            if round > 2 { check(size <= most) }
        }
        check(queue.takeDue().isEmpty)
    }

    @Test func groupsTakeTheirMemoryFromThatOfKeys() throws {
        var queue = Shop.queue(bytes: 40_000)
        for id in 0..<60 { queue.item("\(id)") }
        for id in 0..<40 {
            queue.together(
                ["a\(id)", "b\(id)"].map { (Shop.page, Bytes($0), Bytes($0)) }, event: nil, at: .zero)
            check(queue.bytes <= 20_000)
        }
        check(queue.takeFolds().contains(Shop.items))
    }

    /// They may wait for that very pass, which then waited for them for ever.
    @Test func messagesThatWaitForAPassDoNotHoldItUp() throws {
        var queue = Shop.queue(bytes: 40_000)
        while queue.bytes < 15_000 {
            let event = try queue.message().orThrow()
            queue.resync(Shop.items, event: event, at: .zero)
            queue.seal(event)
        }
        check(queue.isCalm)
        for id in 0..<60 { queue.item("\(id)") }
        check(!queue.isCalm)
        while let batch = queue.takeBatch(at: .zero) { queue.finish(batch, .stored(except: []), at: .zero) }
        check(queue.isCalm)
    }

    @Test func whatComesBackFromBatchesMayNotGrowTheQueue() throws {
        var queue = Shop.queue(bytes: 40_000, workers: 9)
        var batches: [Batch] = []
        for round in 0..<8 {
            for id in 0..<60 { queue.item("\(round).\(id)") }
            batches.append(try queue.takeBatch(at: .zero).orThrow())
        }
        for batch in batches {
            queue.finish(batch, .interrupted, at: .zero)
            check(queue.bytes <= 20_000)
        }
        check(queue.takeFolds() == [Shop.items])
    }

    @Test func aKeyRefreshedAndInvalidatedByTurnsTakesNoMore() {
        var queue = Shop.queue()
        for _ in 0..<20_000 {
            queue.item("1")
            queue.invalidate(Shop.items, key: Bytes("1"), event: nil, at: .zero)
        }
        check(queue.keyCount == 1)
        check(queue.lanes.reduce(0) { $0 + $1.waiting.count } < 4_000)
    }

    @Test func messagesAboveTheirHalfAreGivenUpAndCounted() throws {
        var queue = Shop.queue(bytes: 10_000)
        var begun = 0
        while let event = queue.message(), begun < 1_000 {
            queue.item("1", event: event)
            queue.seal(event)
            begun += 1
        }
        #expect((20..<40).contains(begun))
        check(queue.bytes <= 10_000)
        check(queue.counts.messagesDropped == 1)
        check(queue.begin(.pass(of: Shop.items)) != nil, "a pass is never given up")
    }

    @Test func aPassThatAsksForKeysOfAFoldedLaneDoesNotWaitForItself() throws {
        var queue = Shop.queue(bytes: 1 << 12)
        queue.beginPass(Shop.items)
        for id in 0..<100 { queue.item("\(id)") }
        check(queue.takeFolds() == [Shop.items])
        let pass = try queue.begin(.pass(of: Shop.items)).orThrow()
        queue.item("absorbed", event: pass)
        queue.seal(pass)
        check(queue.takeDue().map(\.purpose) == [.pass(Shop.items)])
    }

    @Test func onlyTheLargestLaneFolds() throws {
        var queue = Shop.queue(bytes: 1 << 14)
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        for id in 0..<40 { queue.item("\(id)") }
        check(queue.takeFolds() == [Shop.items])
        check(queue.takeFolds().isEmpty)
        check(queue.counts.folded == 1)
        check(queue.report().filter(\.isFolded).map(\.work) == [.refresh(Shop.item)])
        check(queue.takeBatch(at: .zero)?.keys == ["a"])
    }

    @Test func dueMessagesComeOldestFirst() throws {
        var queue = Shop.queue()
        queue.item("1")
        let older = try queue.begin(
            Event(purpose: .messages(ChannelID(0)), payload: .empty, sequence: 1, seen: .second(1))
        ).orThrow()
        queue.item("2", event: older)
        let newer = try queue.begin(
            Event(purpose: .messages(ChannelID(0)), payload: .empty, sequence: 2, seen: .second(2))
        ).orThrow()
        queue.item("1", event: newer)
        queue.seal(older)
        queue.seal(newer)
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().map(\.sequence) == [1, 2])
    }
}
