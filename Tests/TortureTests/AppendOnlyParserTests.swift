import Testing

@testable import torture

@Suite("the append-only file is read command by command") struct AppendOnlyParserTests {
    private func command(_ words: String...) -> String {
        "*\(words.count)\r\n" + words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }.joined()
    }

    private func set(_ key: String, _ value: String) -> AppendOnlyParser.Change {
        .set(key: Array(key.utf8), value: Array(value.utf8))
    }

    @Test("bytes may come in any pieces")
    func pieces() {
        let text =
            "#TS:1\r\n" + command("SELECT", "0") + command("SET", "a", "1\r\n2", "PXAT", "5")
            + command("MULTI") + command("SET", "b", "2") + command("UNLINK", "a", "c") + command("EXEC")
            + command("FLUSHALL")
        let expected: [AppendOnlyParser.Change] = [
            set("a", "1\r\n2"), set("b", "2"), .deleted(key: Array("a".utf8)), .deleted(key: Array("c".utf8)), .emptied,
        ]
        for size in [1, 2, 3, 7, 50, 1000] {
            var parser = AppendOnlyParser()
            var changes: [AppendOnlyParser.Change] = []
            let bytes = Array(text.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                changes += parser.take(Array(bytes[start..<min(start + size, bytes.count)]))
            }
            #expect(changes == expected)
            #expect(parser.pending == 0)
        }
    }

    @Test("a transaction without its end is not taken")
    func openTransaction() {
        var parser = AppendOnlyParser()
        let changes = parser.take(Array((command("SET", "a", "1") + command("MULTI") + command("SET", "b", "2")).utf8))
        #expect(changes == [set("a", "1")])
        #expect(parser.pending > 0)
        #expect(parser.take(Array(command("EXEC").utf8)) == [set("b", "2")])
    }
}
