import RefreshService
import TestServers
import Testing

@Suite("Damaged payloads")
struct JSONMutationTests {
    static let paths = JSONReaderTests.cases.map { JSONPath($0.0) } + [JSONPath([])]

    @Test(
        "never trap, and answer the same whatever was asked before", arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = Array(JSONReaderTests.payload.utf8)
        let alphabet = Array("{}[]\",:\\u0019.eE-+tfn \u{0}\u{E9}".utf8)
        let reader = try #require(JSONReader())
        let fresh = try #require(JSONReader())
        var kinds: [JSONKind: Int] = [:]
        for _ in 0..<2_000 {
            let payload = generator.mutate(original, alphabet: alphabet)
            let isOpen = reader.open(payload)
            for _ in 0..<6 {
                let path = try #require(Self.paths.randomElement(using: &generator))
                let found = reader.found(path)
                let isOpenAnew = fresh.open(payload)
                #expect(isOpen == isOpenAnew && found == fresh.found(path), "seed \(seed): \(payload)")
                kinds[found.kind, default: 0] += 1
            }
        }
        #expect(kinds.count == 7, "seed \(seed): \(kinds)")
    }

    @Test("noise of brackets and quotes never traps", arguments: [1, UInt64.random(in: 2...(.max))])
    func noise(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let reader = try #require(JSONReader())
        let alphabet = Array("{}[]\",:1\\ ".utf8)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...300, using: &generator)
            let payload = (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
            reader.open(payload)
            for path in [JSONPath([]), JSONPath(["0", "0"]), JSONPath(["1"])] {
                let found = reader.found(path)
                #expect(found.text.utf8.count <= payload.count * 3, "seed \(seed)")
            }
        }
    }

    @Test(
        "elements lie in their order inside the payload, and joined again are the same array",
        arguments: [1, UInt64.random(in: 2...(.max))])
    func elements(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let original = Array(#"[ {"id":1,"a":[2]} ,{"id":"x,]"},[3,[4]] , "b\"]", null,-5.0 ]"#.utf8)
        let alphabet = Array("{}[]\",:\\1 n".utf8)
        let reader = try #require(JSONReader())
        var counts = (arrays: 0, others: 0)
        for _ in 0..<4_000 {
            let payload = generator.mutate(original, alphabet: alphabet)
            reader.open(payload)
            guard let places = reader.elements() else {
                counts.others += 1
                continue
            }
            counts.arrays += 1
            var end = 0
            for place in places {
                #expect(place.lowerBound >= end && place.upperBound <= payload.count && !place.isEmpty, "seed \(seed)")
                end = place.upperBound
            }
            let joined =
                Array("[".utf8) + places.map { payload[$0] }.joined(separator: Array(",".utf8)) + Array("]".utf8)
            reader.open(joined)
            #expect(reader.elements()?.count == places.count, "seed \(seed): \(payload)")
        }
        #expect(counts.arrays > 100 && counts.others > 100, "seed \(seed): \(counts)")
    }
}
