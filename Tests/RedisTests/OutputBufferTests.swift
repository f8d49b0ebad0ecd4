import TestServers
import Testing

@testable import Redis

@Suite struct OutputBufferTests {
    /// Appends, takes and truncates at random, against a plain array.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func itHoldsWhatAnArrayHolds(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var buffer = OutputBuffer()
        var model: [UInt8] = []
        for step in 0..<400 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let size = Int.random(in: 0..<(step % 50 == 0 ? 200_000 : 5000), using: &random)
                let byte = UInt8.random(in: 0...255, using: &random)
                buffer.append(count: size) { target in
                    target.initializeMemory(as: UInt8.self, repeating: byte, count: size)
                }
                model += [UInt8](repeating: byte, count: size)
            case 6..<8:
                let size = Int.random(in: 0...max(1, model.count), using: &random)
                buffer.consume(size)
                model.removeFirst(min(size, model.count))
            case 8:
                let size = Int.random(in: 0...max(1, model.count), using: &random)
                buffer.truncate(to: size)
                model = Array(model.prefix(size))
            default:
                buffer.removeAll()
                model = []
            }
            let same = buffer.withBytes { [UInt8]($0) } == model
            #expect(same, "seed \(seed), step \(step)")
            if !same { return }
        }
    }

    @Test func itShrinksAfterABurst() {
        var buffer = OutputBuffer()
        buffer.append(count: 10 << 20) { $0.initializeMemory(as: UInt8.self, repeating: 1, count: 10 << 20) }
        #expect(buffer.capacity >= 10 << 20)
        buffer.consume(10 << 20)
        #expect(buffer.capacity == OutputBuffer.initialCapacity)
        buffer.append(count: 1 << 20) { $0.initializeMemory(as: UInt8.self, repeating: 1, count: 1 << 20) }
        buffer.consume(1 << 20)
        #expect(buffer.capacity >= 1 << 20, "a batch's worth is kept")
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func theRingIsAQueue(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var ring = ReplyRing<Int>()
        var model: [Int] = []
        for step in 0..<5000 {
            let grows = Int.random(in: 0..<1000, using: &random) < (step < 3000 ? 700 : 300)
            if grows {
                ring.append(step)
                model.append(step)
            } else {
                #expect(ring.popFirst() == (model.isEmpty ? nil : model.removeFirst()), "seed \(seed), step \(step)")
            }
            #expect(ring.count == model.count, "seed \(seed), step \(step)")
        }
        #expect(ring.removeAll() == model, "seed \(seed)")
    }
}
