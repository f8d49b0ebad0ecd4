import RefreshCore
import Testing

/// Keys that change together.
@Suite struct TogetherTests {
    private let fault = RefreshFault(sqlState: "22012", text: "division by zero")

    private static func ask(
        _ queue: inout RefreshQueue, _ keys: [String], page: String? = nil, event: EventID? = nil,
        at now: Moment = .zero
    ) {
        var wanted = keys.map { (query: Shop.item, key: Bytes($0), parameters: Bytes($0)) }
        if let page { wanted.append((Shop.page, Bytes(page), Bytes(page))) }
        queue.together(wanted, event: event, at: now)
        if let event { queue.seal(event) }
    }

    private static func take(_ queue: inout RefreshQueue) throws -> Batch { try queue.takeBatch(at: .zero).orThrow() }

    @Test func oneEventIsOneBatchOfSeveralQueries() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        Self.ask(&queue, ["1", "2"], page: "list", event: event)
        check(!queue.isQuiet)
        let batch = try Self.take(&queue)
        #expect(batch.work == .together)
        #expect(batch.keys.sorted() == ["1", "2", "list"])
        #expect(batch.parts.map(\.query) == [Shop.item, Shop.page])
        for part in batch.parts { #expect(batch.items[part.places].count == (part.query == Shop.item ? 2 : 1)) }
        check(queue.takeDue().isEmpty)
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
        check(queue.isQuiet && queue.keyCount == 0 && queue.bytes == 0)
    }

    @Test func groupsThatWaitGoTogetherAndTheSameWaitsOnce() throws {
        var queue = Shop.queue()
        for _ in 1...100 { Self.ask(&queue, ["1", "2"]) }
        Self.ask(&queue, ["2", "3"])
        let batch = try Self.take(&queue)
        #expect(batch.keys.sorted() == ["1", "2", "3"])
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
        check(queue.counts.coalesced == 198)
    }

    /// What is read later is written later, so the next batch waits until the statements of this one are done.
    @Test func noTwoBatchesReadAtTheSameTime() throws {
        var queue = Shop.queue()
        Self.ask(&queue, ["1", "2"])
        let first = try Self.take(&queue)
        Self.ask(&queue, ["3", "4"])
        check(queue.takeBatch(at: .zero) == nil)
        queue.answered(first)
        let second = try Self.take(&queue)
        #expect(second.keys.sorted() == ["3", "4"])
        queue.finish(first, .stored(except: []), at: .zero)
        queue.finish(second, .stored(except: []), at: .zero)
        check(queue.isQuiet)
    }

    @Test func aKeyThatRunsHoldsItsGroupUpAndNoOther() throws {
        var queue = Shop.queue(workers: 4)
        queue.item("2")
        let alone = try Self.take(&queue)
        Self.ask(&queue, ["1", "2"])
        Self.ask(&queue, ["3", "4"])
        let other = try Self.take(&queue)
        #expect(other.keys.sorted() == ["3", "4"])
        queue.finish(other, .stored(except: []), at: .zero)
        check(queue.takeBatch(at: .zero) == nil)
        queue.finish(alone, .stored(except: []), at: .zero)
        #expect(try Self.take(&queue).keys.sorted() == ["1", "2"])
    }

    @Test func aKeyThatWaitsAloneIsTakenOver() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        queue.item("2", event: event)
        queue.seal(event)
        Self.ask(&queue, ["1", "2"])
        let batch = try Self.take(&queue)
        #expect(batch.work == .together && batch.keys.sorted() == ["1", "2"])
        check(queue.takeBatch(at: .zero) == nil)
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
        check(queue.isQuiet && queue.bytes == 0)
    }

    @Test func anEventDuringTheFlightRunsTheGroupOnceMore() throws {
        var queue = Shop.queue()
        Self.ask(&queue, ["1", "2"])
        let first = try Self.take(&queue)
        for _ in 1...5 { Self.ask(&queue, ["1", "2"]) }
        queue.item("2")
        queue.answered(first)
        check(queue.takeBatch(at: .zero) == nil, "its keys are in flight")
        queue.finish(first, .stored(except: []), at: .zero)
        let second = try Self.take(&queue)
        #expect(second.work == .together && second.keys.sorted() == ["1", "2"])
        queue.finish(second, .stored(except: []), at: .zero)
        check(queue.takeBatch(at: .zero) == nil && queue.isQuiet)
    }

    @Test func anInterruptedGroupRunsAgainWhole() throws {
        var queue = Shop.queue()
        let events = [try queue.message().orThrow(), try queue.message().orThrow()]
        Self.ask(&queue, ["1", "2"], event: events[0])
        let first = try Self.take(&queue)
        Self.ask(&queue, ["1", "2"], event: events[1])
        queue.finish(first, .interrupted, at: .zero)
        check(queue.keyCount == 0 && !queue.isQuiet)
        let second = try Self.take(&queue)
        #expect(second.work == .together && second.keys.sorted() == ["1", "2"])
        queue.finish(second, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 2)
        check(queue.isQuiet && queue.bytes == 0)
    }

    @Test func aFaultParksItsKeyAndTheOthersGoOn() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        Self.ask(&queue, ["1", "2"], page: "list", event: event)
        queue.finish(try Self.take(&queue), .failed(fault), at: .zero)
        var stored: [String] = []
        while let batch = queue.takeBatch(at: .zero) {
            #expect(batch.work != .together)
            if batch.keys.contains("2") {
                queue.finish(batch, .failed(fault), at: .zero)
            } else {
                stored += batch.keys
                queue.finish(batch, .stored(except: []), at: .zero)
            }
        }
        #expect(stored.sorted() == ["1", "list"])
        check(queue.parkedKeys(first: 9).total == 1)
        check(queue.takeDue().isEmpty, "its message waits for the parked key")
        // As long as the key is parked its groups fall apart.
        Self.ask(&queue, ["1", "2"])
        let batch = try Self.take(&queue)
        #expect(batch.keys == ["1"])
        queue.finish(batch, .stored(except: []), at: .zero)
        let again = try queue.takeBatch(at: .second(60)).orThrow()
        queue.finish(again, .stored(except: []), at: .second(60))
        check(queue.takeDue().count == 1)
        check(queue.isQuiet && queue.keyCount == 0)
    }

    @Test func anInvalidationDuringTheFlightKeepsTheOldValueOut() throws {
        var queue = Shop.queue()
        Self.ask(&queue, ["1", "2"])
        let batch = try Self.take(&queue)
        queue.invalidate(Shop.items, key: Bytes("2"), event: nil, at: .zero)
        let places = Dictionary(uniqueKeysWithValues: batch.keys.enumerated().map { ($1, $0) })
        check(queue.mayStore(batch, places["1"] ?? 9) && !queue.mayStore(batch, places["2"] ?? 9))
        queue.finish(batch, .stored(except: []), at: .zero)
        #expect(try queue.takeDeletions(at: .zero).orThrow().keys == ["2"])
    }

    @Test func theBarrierWaitsForGroups() throws {
        var queue = Shop.queue()
        Self.ask(&queue, ["1", "2"])
        let event = try queue.begin(Event(purpose: .call(1), payload: .empty, sequence: 0, seen: .zero)).orThrow()
        check(queue.awaitAll(event, in: { _ in true }, atMost: 10))
        queue.seal(event)
        check(queue.oldest(ofAtMost: 10) == .zero, "a standby is not told that it is done")
        check(queue.oldestByRegion[0] == .zero)
        check(queue.takeDue().isEmpty)
        queue.finish(try Self.take(&queue), .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
    }

    @Test func aboveItsBoundKeysGoOneByOne() throws {
        var queue = Shop.queue(bytes: 8_192)
        for id in 1...20 { Self.ask(&queue, ["\(id)", "\(id + 100)"]) }
        check(queue.bytes <= 8_192)
        var seen: Set<String> = []
        while let batch = queue.takeBatch(at: .zero) {
            seen.formUnion(batch.keys)
            queue.finish(batch, .stored(except: []), at: .zero)
        }
        check(seen.count == 40 || queue.counts.folded > 0)
    }

    @Test func whoOwnsNoMoreForgetsThem() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        Self.ask(&queue, ["1", "2"], event: event)
        queue.abandon()
        check(queue.takeBatch(at: .zero) == nil && queue.isQuiet)
        check(queue.takeDue().count == 1)
    }
}
