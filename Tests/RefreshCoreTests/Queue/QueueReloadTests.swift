import RefreshCore
import Testing

@Suite struct QueueReloadTests {
    private let fault = RefreshFault(sqlState: nil, text: "lost")

    private func catalogue(regions: Int, queries: [Int]) -> Catalogue {
        Catalogue(
            Registry(
                regions: Array(Shop.registry.regions.prefix(regions)),
                queries: queries.map { Shop.registry.queries[$0] },
                channels: []), after: Shop.catalogue)
    }

    @Test func whatWaitsForAQueryThatIsGoneIsForgotten() throws {
        var queue = Shop.queue()
        let message = try queue.message().orThrow()
        queue.item("1", event: message)
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        queue.seal(message)
        queue.adopt(catalogue(regions: 3, queries: [1, 2]))
        check(queue.takeDue().count == 1)
        check(queue.takeBatch(at: .zero)?.work == .refresh(Shop.page))
        check(queue.takeBatch(at: .zero) == nil)
    }

    @Test(arguments: [BatchOutcome.stored(except: []), .interrupted, .failed(RefreshFault(sqlState: nil, text: ""))])
    func whatRunsIsNotRunAgainOnceItsQueryIsGone(outcome: BatchOutcome) throws {
        var queue = Shop.queue()
        queue.item("1")
        let batch = try queue.takeBatch(at: .zero).orThrow()
        let message = try queue.message().orThrow()
        queue.item("1", event: message)
        queue.seal(message)
        queue.adopt(catalogue(regions: 3, queries: [1, 2]))
        queue.finish(batch, outcome, at: .zero)
        check(queue.takeBatch(at: .second(999)) == nil)
        check(queue.keyCount == 0 && queue.isQuiet)
        check(queue.takeDue().count == 1)
    }

    @Test func anInvalidationOutlivesTheQueryThatMadeItsKey() throws {
        var queue = Shop.queue()
        queue.item("1")
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.adopt(catalogue(regions: 3, queries: [1, 2]))
        let message = try queue.message().orThrow()
        queue.invalidate(Shop.items, key: Bytes("1"), event: message, at: .zero)
        queue.seal(message)
        queue.resync(Shop.items, event: nil, at: .zero)
        queue.finish(batch, .stored(except: []), at: .zero)
        check(queue.takeDue().isEmpty)
        let deletions = try queue.takeDeletions(at: .zero).orThrow()
        #expect(deletions.keys == ["1"])
        queue.finish(deletions, .stored(except: []), at: .zero)
        check(queue.takeDue().count == 1)
    }

    @Test func whatRunsForAQueryThatIsGoneIsDeletedByAResync() throws {
        var queue = Shop.queue()
        queue.item("1")
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.adopt(catalogue(regions: 3, queries: [1, 2]))
        queue.resync(Shop.items, event: nil, at: .zero)
        check(!queue.admits(Bytes("1"), in: Shop.items), "the pass leaves it to what runs")
        check(!queue.mayStore(batch, 0))
        queue.finish(batch, .stored(except: []), at: .zero)
        check(try queue.takeDeletions(at: .zero).orThrow().keys == ["1"])
    }

    @Test func aQueryThatIsGoneIsNotAskedForAndMayComeBack() throws {
        var queue = Shop.queue()
        queue.adopt(catalogue(regions: 3, queries: [1, 2]))
        let message = try queue.message().orThrow()
        queue.item("1", event: message)
        queue.seal(message)
        check(queue.keyCount == 0)
        check(queue.takeDue().count == 1)
        queue.adopt(Shop.catalogue)
        queue.item("1")
        check(queue.takeBatch(at: .zero)?.keys == ["1"])
    }

    @Test func messagesDoNotWaitForThePassOfARegionThatIsGone() throws {
        var queue = Shop.queue()
        let message = try queue.message().orThrow()
        queue.invalidateAll(Shop.pages, event: message, at: .zero)
        queue.seal(message)
        check(queue.takeDue().isEmpty)
        queue.adopt(catalogue(regions: 1, queries: [0, 1]))
        check(queue.takeDue().count == 1)
    }

    @Test func newRegionsAndQueriesAreTakenUpBesideWhatWaits() throws {
        var queue = RefreshQueue(limits: .init(bytes: 1 << 20, workers: 2), seed: 7)
        let small = Catalogue(
            Registry(regions: [Shop.registry.regions[0]], queries: [Shop.registry.queries[0]], channels: []))
        queue.adopt(small)
        queue.item("1")
        queue.adopt(Catalogue(Shop.registry, after: small))
        queue.refresh(Shop.page, key: Bytes("a"), parameters: Bytes("a"), event: nil, at: .zero)
        check(queue.takeBatch(at: .zero)?.keys == ["1"])
        let page = try queue.takeBatch(at: .zero).orThrow()
        #expect(page.keys == ["a"] && page.region == Shop.pages)
    }
}
