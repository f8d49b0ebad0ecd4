import Testing

@testable import RefreshCore

/// Batches are as large as their results allow.
@Suite struct BatchSizeTests {
    private static func queue(keys: Int) -> RefreshQueue {
        var queue = Shop.queue(bytes: 64 << 20)
        queue.limits.batchBytes = 4 << 20
        for id in 0..<keys { queue.item("\(id)") }
        return queue
    }

    /// Takes the next batch, whose results take so many bytes a key; tells how many keys it had.
    private static func next(_ queue: inout RefreshQueue, bytes: Int) throws -> Int {
        let batch = try queue.takeBatch(at: .zero).orThrow()
        queue.measured(batch, keys: batch.items.count, bytes: batch.items.count * bytes)
        queue.finish(batch, .stored(except: []), at: .zero)
        return batch.items.count
    }

    @Test func aQueryOfWhichNothingIsKnownBeginsWithAFew() throws {
        var queue = Self.queue(keys: 10_000)
        var sizes: [Int] = []
        for _ in 0..<7 { sizes.append(try Self.next(&queue, bytes: 100)) }
        #expect(sizes == [32, 64, 128, 256, 512, 1024, 1024])
    }

    @Test func largeValuesMakeSmallBatches() throws {
        var queue = Self.queue(keys: 10_000)
        for _ in 0..<7 { _ = try Self.next(&queue, bytes: 100) }
        #expect(try Self.next(&queue, bytes: 1 << 20) == 1024)
        #expect(try Self.next(&queue, bytes: 1 << 20) == 4)
        #expect(try Self.next(&queue, bytes: 16 << 20) == 4)
        #expect(try Self.next(&queue, bytes: 100) == 1, "one key always goes")
        var sizes: [Int] = []
        for _ in 0..<5 { sizes.append(try Self.next(&queue, bytes: 100)) }
        #expect(sizes == [1, 1, 2, 4, 8], "small ones are believed by and by")
    }

    @Test func whatIsDeletedHasNoSize() throws {
        var queue = Self.queue(keys: 0)
        for id in 0..<2_000 { queue.invalidate(Shop.items, key: Bytes("\(id)"), event: nil, at: .zero) }
        check(try queue.takeDeletions(at: .zero).orThrow().items.count == 1024)
    }
}
