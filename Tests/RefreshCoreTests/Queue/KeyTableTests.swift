import Testing

@testable import RefreshCore

@Suite struct KeyTableTests {
    /// Few hashes make long runs of slots, some across the end of the table.
    @Test(arguments: [1, 5, 64, 1 << 20] as [UInt32]) func itHoldsWhatADictionaryHolds(hashes: UInt32) {
        for seed in 0..<10 as Range<UInt64> {
            var dice = Dice(seed: seed)
            var table = KeyTable()
            var model: [Int32: UInt32] = [:]
            for _ in 0..<200 {
                let index = Int32.random(in: 0..<60, using: &dice)
                if let hash = model[index] {
                    check(table.find(hash) { $0 == index } == index, "seed \(seed)")
                    table.remove(hash, index)
                    model[index] = nil
                    check(table.find(hash) { $0 == index } == nil, "seed \(seed)")
                } else {
                    let hash = UInt32.max - UInt32.random(in: 0..<hashes, using: &dice)
                    table.remove(hash, index)
                    table.insert(hash, index)
                    model[index] = hash
                }
                check(table.count == model.count, "seed \(seed)")
            }
            check(model.allSatisfy { index, hash in table.find(hash) { $0 == index } == index }, "seed \(seed)")
            check(Set(table.indices) == Set(model.keys) && table.indices.count == model.count, "seed \(seed)")
        }
    }

    @Test func anEmptyTableFindsNothingAndGivesItsMemoryBack() {
        func spread(_ index: Int32) -> UInt32 { UInt32(index) &* 2_654_435_769 }
        var table = KeyTable()
        check(table.find(7) { _ in true } == nil)
        table.remove(7, 7)
        for index in 0..<9_000 as Range<Int32> { table.insert(spread(index), index) }
        table.trim()
        #expect(table.count == 9_000)
        for index in 0..<9_000 as Range<Int32> { table.remove(spread(index), index) }
        table.trim()
        #expect(table.count == 0)
        check(table.find(7) { _ in true } == nil)
    }

    @Test func hashesDependOnEveryByteAndOnTheSecret() {
        var seen: Set<UInt32> = []
        for length in 0..<40 {
            let bytes = Array(repeating: UInt8(0), count: length)
            seen.insert(Bytes(bytes).hash(secret: 1))
            for place in bytes.indices {
                var other = bytes
                other[place] = 1
                seen.insert(Bytes(other).hash(secret: 1))
            }
        }
        #expect(seen.count == 40 + (0..<40).reduce(0, +))
        #expect(Bytes("a").hash(secret: 1) != Bytes("a").hash(secret: 2))
        #expect(Bytes("a").hash(secret: 1) == Bytes("a").hash(secret: 1))
    }

    @Test func theHashesOfNumbersSpreadOverATable() {
        var used: Set<UInt32> = []
        for number in 0..<8_192 { used.insert(Bytes("\(number)").hash(secret: 42) & 8_191) }
        // As many as a random choice would fill: 63 in a hundred.
        #expect((5_000..<5_350).contains(used.count), "\(used.count)")
    }
}
