import RefreshService
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
}
