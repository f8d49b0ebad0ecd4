import Testing

@testable import RefreshCore

/// A batch is sent behind one that runs when nobody has to wait longer for it.
@Suite struct BatchBehindTests {
    /// A queue whose batches have ten keys, with so many keys of one query.
    private static func queue(keys: Int, workers: Int = 1) -> RefreshQueue {
        var limits = RefreshQueue.Limits(bytes: 1 << 20, workers: workers)
        limits.batchKeys = 10
        var queue = RefreshQueue(limits: limits, seed: 7)
        queue.adopt(Shop.catalogue)
        for id in 0..<keys { queue.item("\(id)") }
        return queue
    }

    private static func behind(
        _ queue: inout RefreshQueue, _ batch: Batch, othersAreFree: Bool = false
    ) -> [Bytes]? {
        queue.takeBehind(batch, othersAreFree: othersAreFree, at: .zero)?.items.map(\.key)
    }

    @Test func aFullBatchIs() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        #expect(Self.behind(&queue, batch) == (10..<20).map { Bytes("\($0)") })
        check(queue.takeBatch(at: .zero) == nil, "the query runs as often as it may")
        #expect(Self.behind(&queue, batch)?.count == 10)
        #expect(Self.behind(&queue, batch) == nil, "five keys that wait may become more")
    }

    @Test func anotherQueryIsNotKeptWaiting() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.refresh(Shop.page, key: Bytes("p"), parameters: Bytes("p"), event: nil, at: .zero)
        #expect(Self.behind(&queue, batch) == nil)
    }

    @Test func aNonceIsNotKeptWaiting() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.canary(7)
        #expect(Self.behind(&queue, batch) == nil)
    }

    @Test func aWorkerThatIsFreeTakesItAtOnce() throws {
        var queue = Self.queue(keys: 55, workers: 3)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        #expect(Self.behind(&queue, batch, othersAreFree: true) == nil)
        let other = try queue.takeBatch(at: .zero).orThrow()
        #expect(other.items.count == 10)
        check(queue.takeBatch(at: .zero) == nil, "no query has all workers")
        #expect(Self.behind(&queue, other, othersAreFree: true)?.count == 10)
    }

    @Test func whatFailedGoesFirst() throws {
        var queue = Self.queue(keys: 35)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(batch, .failed(RefreshFault(sqlState: "22012", text: "division by zero")), at: .zero)
        let half = try queue.takeBatch(at: .zero).orThrow()
        #expect(half.items.count == 5)
        #expect(Self.behind(&queue, half) == nil, "the other half waits")
    }

    @Test func aQueryThatPausesSendsNothingBehind() throws {
        var queue = Self.queue(keys: 45)
        let batch = try queue.takeBatch(at: .zero).orThrow()
        let behind = try queue.takeBehind(batch, othersAreFree: false, at: .zero).orThrow()
        queue.finish(batch, .broken(RefreshFault(sqlState: "42P01", text: "no table")), at: .zero)
        #expect(Self.behind(&queue, behind) == nil)
    }
}
