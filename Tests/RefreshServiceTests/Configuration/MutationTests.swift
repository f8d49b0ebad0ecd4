import RefreshService
import TestServers
import Testing

extension SeededGenerator {
    /// Replaces, removes, inserts or doubles a few bytes.
    mutating func mutate(_ bytes: [UInt8], alphabet: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: bytes[at] = alphabet.randomElement(using: &self) ?? 0
            case 1: bytes[at] = UInt8.random(in: 0...255, using: &self)
            case 2: bytes.removeSubrange(at..<min(bytes.count, at + 3))
            case 3: bytes.insert(alphabet.randomElement(using: &self) ?? 0, at: at)
            default: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 9)], at: at)
            }
        }
        return bytes
    }
}

@Suite("Damaged configurations")
struct MutationTests {
    @Test(
        "load or are refused, always the same way and with places in order",
        arguments: [1, 2, UInt64.random(in: 3...(.max))])
    func mutations(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let original = Array((shop + rest).utf8)
        let alphabet = Array("[]{}\"'=.,#\\\n _-+\u{0}\u{E9}09eTZ:".utf8)
        var loaded = 0
        var refused = 0
        for _ in 0..<400 {
            let text = String(decoding: generator.mutate(original, alphabet: alphabet), as: UTF8.self)
            do throws(ConfigurationError) {
                _ = try Configuration.load(text: text, file: "f")
                loaded += 1
            } catch {
                refused += 1
                #expect(!error.faults.isEmpty && error.faults == error.faults.sorted(), "seed \(seed): \(text)")
                #expect(error.faults.allSatisfy { !$0.sentence.contains("\n") }, "seed \(seed): \(text)")
            }
        }
        #expect(loaded > 0 && refused > 0, "seed \(seed)")
    }

    private let rest = """
        [service]
        queue_bytes = "1MiB"
        [regions.pages]
        ttl = '1h' # one
        [queries.page]
        region = "pages"
        sql = \"""
        SELECT a, \\
          \u{E9} FROM b\"""
        [[channels."pages changed".invalidate]]
        region = "pages"
        [tables.pages]
        key = ["id"]
        channel = "changed"
        """
}
