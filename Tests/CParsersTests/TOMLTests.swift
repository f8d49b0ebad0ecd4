import CParsers
import Testing

/// Owns a document for a test.
private final class Document {
    let pointer: OpaquePointer

    init(_ text: [UInt8]) throws {
        pointer = try #require(text.withUnsafeBufferPointer { rk_toml_parse($0.baseAddress, $0.count) })
    }

    deinit { rk_toml_destroy(pointer) }

    var nodes: [rk_toml_node] { (0..<rk_toml_count(pointer)).map { rk_toml_at(pointer, $0) } }

    var fault: (line: UInt32, column: UInt32, message: String)? {
        var fault = rk_toml_fault()
        guard rk_toml_failed(pointer, &fault) else { return nil }
        return (fault.line, fault.column, Self.text(fault.message))
    }

    static func text(_ text: rk_text) -> String {
        String(decoding: UnsafeBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }
}

@Suite("TOML trees")
struct TOMLTests {
    @Test("come with every kind of value, in file order and with the places of the keys")
    func tree() throws {
        let document = try Document(
            Array(
                """
                z = 'text'
                [b.c]
                  "k y" = [1, 2.5, true, 1979-05-27, { x = "\u{E9}" }]
                [a]
                """.utf8))
        let lines = document.nodes.map { node in
            "\(node.kind.rawValue) \(node.line):\(node.column) \(node.first)+\(node.count) "
                + "\(Document.text(node.key))=\(Document.text(node.text))"
        }
        #expect(
            lines == [
                "0 1:1 1+3 =", "2 1:1 4+0 z=text", "0 2:2 4+1 b=", "0 4:2 5+0 a=", "0 2:4 5+1 c=",
                "1 3:3 6+5 k y=", "3 3:12 11+0 =", "4 3:15 11+0 =", "5 3:20 11+0 =", "6 3:26 11+0 =",
                "0 3:38 11+1 =", "2 3:40 12+0 x=\u{E9}",
            ])
        #expect(document.nodes[6].integer == 1)
        #expect(document.nodes[7].number == 2.5)
        #expect(document.nodes[8].boolean)
        #expect(rk_toml_at(document.pointer, 99).count == 0)
    }

    @Test("of nothing are an empty table", arguments: ["", "\n", "# x", "\u{FEFF}"])
    func empty(text: String) throws {
        let document = try Document(Array(text.utf8))
        #expect(document.fault == nil)
        #expect(document.nodes.map(\.count) == [0])
    }

    static let broken: [([UInt8], UInt32, UInt32)] = [
        (Array("a = 1\nb = \n".utf8), 2, 5),
        (Array("a = 1\na = 2".utf8), 2, 5),
        (Array("[{a]".utf8), 1, 2),
        (Array("a = [{".utf8), 1, 7),
        (Array("\u{E9} = 1".utf8), 1, 1),
        ([0xFF, 0x3D, 0x31], 1, 1),
        (Array("a = \"\u{0}\"".utf8), 1, 6),
        (Array("\"\n".utf8), 1, 2),
        (Array("\n\u{E9}\"\"\"\n\n".utf8), 2, 1),
        (Array("a = \"\"\"\u{E9}\u{E9}\n".utf8), 1, 10),
    ]

    @Test("of texts that are none give a place and a message", arguments: broken)
    func faults(text: [UInt8], line: UInt32, column: UInt32) throws {
        let document = try Document(text)
        let fault = try #require(document.fault)
        #expect(fault.line == line && fault.column == column && !fault.message.isEmpty)
        #expect(document.nodes.isEmpty)
    }

    @Test("take letters after a backslash that continues a line")
    func continuation() throws {
        let document = try Document(Array("a = \"\"\"x\\\n   \u{E9}\"\"\"".utf8))
        #expect(document.fault == nil)
        #expect(document.nodes.last.map { Document.text($0.text) } == "x\u{E9}")
    }

    @Test("refuse keys too deep to be freed, and only those")
    func depth() throws {
        let dotted = { (count: Int) in "a" + String(repeating: ".a", count: count) + " = 1\n" }
        #expect(try Document(Array(("x = 1\n" + dotted(300_000) + "!").utf8)).fault?.line == 2)
        let nested = String(repeating: "a" + String(repeating: ".a", count: 200) + " = [\n{", count: 200)
        #expect(try Document(Array(nested.utf8)).fault?.message == "a key has too many parts")
        let harmless = """
            a = "\(String(repeating: ".", count: 600))"
            e = "\\"\(String(repeating: ".", count: 600))"
            b = '\(String(repeating: ".", count: 600))' # \(String(repeating: ".", count: 600))
            c = \"""
            \(String(repeating: ".\"\n", count: 600))\"""\"
            d = '''
            \(String(repeating: ".'\n", count: 600))'''
            """ + "\n" + (0..<600).map { "x\($0).y.z = 1\n" }.joined()
        #expect(try Document(Array(harmless.utf8)).fault == nil)
    }
}
