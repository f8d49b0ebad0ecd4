import Testing

@testable import RefreshCore

/// A batch is sent behind one that runs when nobody has to wait longer for it.
@Suite struct AheadTests {
    /// A queue whose batches have ten keys, with so many keys of one query.
    private static func queue(keys: Int, workers: Int = 1) -> RefreshQueue {
        var limits = RefreshQueue.Limits(bytes: 1 << 20, workers: workers)
        limits.batchKeys = 10
        var queue = RefreshQueue(limits: limits, seed: 7)
        queue.adopt(Shop.catalogue)
        for id in 0..<keys { queue.item("\(id)") }
        return queue
    }

    private static func ahead(
        _ queue: inout RefreshQueue, of batch: Batch, othersAreFree: Bool = false
    ) -> [Bytes]? {
        queue.takeAhead(of: batch, othersAreFree: othersAreFree, at: .zero)?.items.map(\.key)
    }

    @Test func aFullBatchIs() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        #expect(Self.ahead(&queue, of: batch) == (10..<20).map { Bytes("\($0)") })
        check(queue.takeBatch(at: .zero) == nil, "the query runs as often as it may")
        #expect(Self.ahead(&queue, of: batch)?.count == 10)
        #expect(Self.ahead(&queue, of: batch) == nil, "five keys that wait may become more")
    }

    @Test func anotherQueryIsNotKeptWaiting() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.refresh(Shop.page, key: Bytes("p"), parameters: Bytes("p"), event: nil, at: .zero)
        #expect(Self.ahead(&queue, of: batch) == nil)
    }

    @Test func aNonceIsNotKeptWaiting() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.canary(7)
        #expect(Self.ahead(&queue, of: batch) == nil)
    }

    @Test func aWorkerThatIsFreeTakesItAtOnce() throws {
        var queue = Self.queue(keys: 55, workers: 3)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        #expect(Self.ahead(&queue, of: batch, othersAreFree: true) == nil)
        let other = try queue.takeBatch(at: .zero).orThrow()
        #expect(other.items.count == 10)
        check(queue.takeBatch(at: .zero) == nil, "no query has all workers")
        #expect(Self.ahead(&queue, of: other, othersAreFree: true)?.count == 10)
    }

    @Test func whatFailedGoesFirst() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(batch, .failed(RefreshFault(sqlState: "22012", text: "division by zero")), at: .zero)
        let half = try queue.takeBatch(at: .zero).orThrow()
        #expect(half.items.count == 5)
        #expect(Self.ahead(&queue, of: half) == nil, "the other half waits")
    }

    @Test func aQueryThatPausesSendsNothingBehind() throws {
        var queue = Self.queue(keys: 45)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        let behind = try queue.takeAhead(of: batch, othersAreFree: false, at: .zero).orThrow()
        queue.finish(batch, .broken(RefreshFault(sqlState: "42P01", text: "no table")), at: .zero)
        #expect(Self.ahead(&queue, of: behind) == nil)
    }
}
