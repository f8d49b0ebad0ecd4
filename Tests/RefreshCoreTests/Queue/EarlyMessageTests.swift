import RefreshCore
import Testing

/// Sequences, found by simulation, in which a message left before what it tells of was stored.
@Suite struct EarlyMessageTests {
    private static let resolver = QueryID(3)

    private static func queue(workers: Int = 2) throws -> RefreshQueue {
        let resolver = Query(
            name: QueryName("tagged"), region: RegionName("items"), key: try KeyTemplate("\u{0}tagged:{tag}"),
            parameters: ["tag"], sql: "SELECT 1", result: .rows, missing: .empty, warm: nil,
            target: QueryName("item"))
        var queue = Shop.queue(workers: workers)
        queue.adopt(
            Catalogue(
                Registry(regions: Shop.registry.regions, queries: Shop.registry.queries + [resolver], channels: [])))
        return queue
    }

    private static func ask(_ queue: inout RefreshQueue) throws {
        let event = try queue.message().orThrow()
        queue.refresh(resolver, key: Bytes("\u{0}tagged:1"), parameters: Bytes("1"), event: event, at: .zero)
        queue.seal(event)
    }

    /// A key that ran as all of its region was said to be wrong, and runs still as the pass is over, is stored as it
    /// was before, and only then as it is now.
    @Test func whatAPassLeavesOutIsAwaitedAsItRunsOnceMore() throws {
        var queue = Shop.queue()
        queue.item("1")
        let before = try queue.takeBatch(at: .zero).orThrow()
        let event = try queue.message().orThrow()
        queue.resync(Shop.items, event: event, at: .zero)
        queue.seal(event)
        queue.beginPass(Shop.items)
        queue.remember(Shop.items)
        queue.endPass(Shop.items, completed: true)
        queue.finish(before, .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty, "the value was read before the event")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
        check(queue.isQuiet && queue.bytes == 0)
    }

    /// An invalidation of the region waits for its pass as all of the region is said to be wrong: the purge comes
    /// first, and spares what was stored since it was asked for.
    @Test func whoAsksForAResyncDoesNotContentHimselfWithAPurge() throws {
        var queue = Shop.queue()
        queue.invalidateAll(Shop.items, event: nil, at: .zero)
        let event = try queue.message().orThrow()
        queue.resync(Shop.items, event: event, at: .zero)
        queue.seal(event)
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: true)
        check(queue.takeDue().isEmpty, "what the purge has spared may be wrong")
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: true)
        check(queue.takeDue().count == 1 && queue.bytes == 0)
    }

    /// A resolver that runs as its region is invalidated asks for nothing: what waits for it waits for the purge.
    @Test func aResolverOvertakenByAnInvalidationWaitsForThePurge() throws {
        for isBegun in [false, true] {
            var queue = try Self.queue()
            try Self.ask(&queue)
            let batch = try queue.takeBatch(at: .zero).orThrow()
            // It runs once more for this one.
            try Self.ask(&queue)
            queue.invalidateAll(Shop.items, event: nil, at: .zero)
            if isBegun { queue.beginPass(Shop.items) }
            queue.resolved(batch, 0, to: [(Bytes("1"), Bytes("1"))], of: Shop.item, at: .zero)
            queue.finish(batch, .stored(except: []), at: .zero)
            check(queue.takeDue().isEmpty, "the keys that it may mean are still there")
            if !isBegun { queue.beginPass(Shop.items) }
            while let deletions = queue.takeDeletions(at: .zero) {
                queue.finish(deletions, .stored(except: []), at: .zero)
            }
            queue.endPass(Shop.items, completed: true)
            check(queue.takeDue().count == 2)
            check(queue.isQuiet && queue.bytes == 0)
        }
    }

    /// The same after the purge, which leaves out a key that runs.
    @Test func aResolverSlowerThanThePurgeWaitsForTheKeysLeftOut() throws {
        var queue = try Self.queue(workers: 4)
        try Self.ask(&queue)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.item("1")
        let running = try queue.takeBatch(at: .zero).orThrow()
        queue.invalidateAll(Shop.items, event: nil, at: .zero)
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: true)
        queue.resolved(batch, 0, to: [(Bytes("1"), Bytes("1"))], of: Shop.item, at: .zero)
        queue.finish(batch, .stored(except: []), at: .zero)
        queue.finish(try queue.takeDeletions(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty, "key 1 is there, and will be deleted")
        queue.finish(running, .stored(except: []), at: .zero)
        queue.finish(try queue.takeDeletions(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
        check(queue.isQuiet && queue.bytes == 0)
    }

    /// Who loses the lease while one key of an event runs drops the others; owning again it stores that one, and the
    /// others only by its resync.
    @Test func noMessageOutlivesTheLossOfTheLease() throws {
        var queue = Shop.queue()
        let (first, second) = (try queue.message().orThrow(), try queue.message().orThrow())
        queue.item("1", event: first)
        let running = try queue.takeBatch(at: .zero).orThrow()
        queue.item("1", event: second)
        for event in [first, second] {
            queue.item("2", event: event)
            queue.seal(event)
        }
        queue.abandon()
        check(queue.takeDue().count == 2, "nobody sends them, for this instance does not own")
        queue.finish(running, .interrupted, at: .zero)
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty && queue.isQuiet)
    }

    @Test func noMessageOfAGroupOutlivesTheLossOfTheLease() throws {
        var queue = Shop.queue()
        let event = try queue.message().orThrow()
        queue.together(["1", "2"].map { (Shop.item, Bytes($0), Bytes($0)) }, event: event, at: .zero)
        let running = try queue.takeBatch(at: .zero).orThrow()
        queue.item("3", event: event)
        queue.seal(event)
        queue.abandon()
        check(queue.takeDue().count == 1)
        queue.finish(running, .interrupted, at: .zero)
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty && queue.isQuiet)
    }
}
