import RefreshService
import Testing

/// A kind and its bytes as text.
struct Found: Equatable, CustomStringConvertible {
    let kind: JSONKind
    let text: String

    init(_ kind: JSONKind, _ text: String = "") {
        self.kind = kind
        self.text = text
    }

    var description: String { "\(kind) \(text)" }
}

extension JSONReader {
    @discardableResult
    func open(_ payload: [UInt8]) -> Bool { payload.withUnsafeBytes { open($0) } }

    func found(_ path: String...) -> Found { found(JSONPath(path)) }

    func found(_ path: JSONPath) -> Found {
        find(path) { kind, bytes in Found(kind, String(decoding: bytes, as: UTF8.self)) }
    }
}

@Suite("Fields of JSON payloads")
struct JSONReaderTests {
    static let payload = #"""
        {"id": 12.30, "big":123456789012345678901234567890, "row": {"ids": [ 1, {"x": "a\u00e9\n\"b"} ,[ ] ]},
         "on":true, "off" : false, "none":null, "0":"zero", "e": "", "\u0069\"d" : -0.5e+3, "id":2 }
        """#

    static let cases: [([String], Found)] = [
        (["id"], Found(.number, "12.30")),
        (["big"], Found(.number, "123456789012345678901234567890")),
        (["i\"d"], Found(.number, "-0.5e+3")),
        (["row"], Found(.container, #"{"ids": [ 1, {"x": "a\u00e9\n\"b"} ,[ ] ]}"#)),
        (["row", "ids", "0"], Found(.number, "1")),
        (["row", "ids", "1"], Found(.container, #"{"x": "a\u00e9\n\"b"}"#)),
        (["row", "ids", "1", "x"], Found(.string, "a\u{E9}\n\"b")),
        (["row", "ids", "2"], Found(.container, "[ ]")),
        (["row", "ids", "2", "0"], Found(.absent)),
        (["row", "ids", "3"], Found(.absent)),
        (["row", "ids", "99999999999"], Found(.absent)),
        (["row", "ids", "x"], Found(.absent)),
        (["on"], Found(.boolean, "true")),
        (["off"], Found(.boolean, "false")),
        (["none"], Found(.null, "null")),
        (["none", "x"], Found(.absent)),
        (["0"], Found(.string, "zero")),
        (["e"], Found(.string)),
        (["id", "x"], Found(.absent)),
        (["e", "0"], Found(.absent)),
        ([""], Found(.absent)),
        (["ID"], Found(.absent)),
    ]

    @Test("are found in any order, by one reader")
    func finding() throws {
        let reader = try #require(JSONReader())
        #expect(reader.open(Array(Self.payload.utf8)))
        for (path, expected) in Self.cases + Self.cases.reversed() {
            #expect(reader.found(JSONPath(path)) == expected, "\(path)")
        }
    }

    static let whole: [(String, Found, Found)] = [
        ("12", Found(.number, "12"), Found(.absent)),
        (" \"a\\tb\" ", Found(.string, "a\tb"), Found(.absent)),
        ("null", Found(.null, "null"), Found(.absent)),
        ("[ 7 , 8 ] ", Found(.container, "[ 7 , 8 ]"), Found(.number, "7")),
        ("{}", Found(.container, "{}"), Found(.absent)),
        ("[[", Found(.malformed), Found(.malformed)),
        ("nul", Found(.malformed), Found(.malformed)),
        ("01", Found(.malformed), Found(.malformed)),
        ("1.", Found(.malformed), Found(.malformed)),
        ("+1", Found(.malformed), Found(.malformed)),
        ("1e", Found(.malformed), Found(.malformed)),
        ("[1", Found(.malformed), Found(.malformed)),
        ("{\"0\":}", Found(.malformed), Found(.malformed)),
        ("{\"0\":\"\\x\"}", Found(.container, "{\"0\":\"\\x\"}"), Found(.malformed)),
        ("{\"0\":\"\\ud800\"}", Found(.container, "{\"0\":\"\\ud800\"}"), Found(.malformed)),
        ("{\"0\":truth}", Found(.container, "{\"0\":truth}"), Found(.malformed)),
        ("{\"\\u00zz\":1}", Found(.container, "{\"\\u00zz\":1}"), Found(.malformed)),
        (
            "{\"a\":\"\\u0000\",\"0\":\"\\u0000\"}", Found(.container, "{\"a\":\"\\u0000\",\"0\":\"\\u0000\"}"),
            Found(.string, "\0")
        ),
    ]

    @Test("a payload as a whole, and the path 0 into it", arguments: whole)
    func roots(payload: String, expected: Found, first: Found) throws {
        let reader = try #require(JSONReader())
        reader.open(Array(payload.utf8))
        #expect(reader.found() == expected)
        #expect(reader.found("0") == first)
        #expect(reader.found() == expected)
    }

    @Test(
        "payloads that can not be opened, and the reader goes on",
        arguments: [[], [0], [0xFF], Array("\"a".utf8), Array("{\"a\":\"\u{1}\"}".utf8), Array("  ".utf8)])
    func closed(payload: [UInt8]) throws {
        let reader = try #require(JSONReader())
        #expect(reader.found("a") == Found(.malformed))
        let isOpen = reader.open(payload)
        #expect(!isOpen || reader.found() == Found(.malformed))
        #expect(reader.found("a") == Found(.malformed))
        #expect(reader.open(Array("{\"a\":1}".utf8)))
        #expect(reader.found("a") == Found(.number, "1"))
    }

    @Test("a payload of the longest length fits, one byte more does not")
    func lengths() throws {
        let reader = try #require(JSONReader(longest: 8_000))
        let text = "{\"a\":\"\(String(repeating: "x", count: 8_000 - 8))\"}"
        #expect(reader.open(Array(text.utf8)))
        #expect(reader.found("a").text.utf8.count == 8_000 - 8)
        #expect(!reader.open(Array((text + " ").utf8)))
        #expect(JSONReader(longest: 0) == nil)
    }

    @Test("deep nesting is walked as far as a path may reach")
    func depth() throws {
        let reader = try #require(JSONReader())
        for depth in [10, 256, 257, 1_300] {
            let text = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
            #expect(reader.open(Array(text.utf8)))
            let path = JSONPath([String](repeating: "a", count: depth))
            #expect(reader.found(path) == (depth <= JSONPath.deepest ? Found(.number, "1") : Found(.absent)))
        }
        #expect(reader.open([UInt8](repeating: UInt8(ascii: "["), count: 8_000)))
        #expect(reader.found("0", "0") == Found(.malformed))
    }

    @Test("a closure's failure comes through")
    func failure() throws {
        struct Failure: Error {}
        let reader = try #require(JSONReader())
        reader.open(Array("1".utf8))
        #expect(throws: Failure.self) { try reader.find(JSONPath([])) { _, _ throws(Failure) in throw Failure() } }
    }

    static let arrays: [(String, [String]?)] = [
        ("[]", []), (" [ ] ", []), ("[1]", ["1"]), ("[1 ,2]\n", ["1", "2"]),
        (#"[{"id":1}, {"id":[2,{"x":"]"}]} ]"#, [#"{"id":1}"#, #"{"id":[2,{"x":"]"}]}"#]),
        (#"[[1,[2]],"a,]b\"c" , null,true,-1.5e3]"#, ["[1,[2]]", #""a,]b\"c""#, "null", "true", "-1.5e3"]),
        ("[nul,1]", ["nul", "1"]), ("[nul,{\"a\":}]", nil),
        ("{}", nil), ("1", nil), ("\"*\"", nil), ("[1", nil), ("[1,]", nil), ("[,1]", nil), ("[1 2]", nil),
        ("[1] 2", nil), ("[1]]", nil), ("[{]", nil), ("[{\"a\":1]", nil), ("[", nil), ("", nil),
    ]

    @Test("the elements of an array, as they are spelled", arguments: arrays)
    func elements(payload: String, expected: [String]?) throws {
        let reader = try #require(JSONReader())
        let bytes = Array(payload.utf8)
        for _ in 0..<2 {
            reader.open(bytes)
            let found = reader.elements()?.map { String(decoding: bytes[$0], as: UTF8.self) }
            #expect(found == expected)
        }
        reader.open(Array("[7]".utf8))
        #expect(reader.elements() == [1..<2] && reader.found("0") == Found(.number, "7"))
    }

    @Test("as many elements as a payload can hold")
    func manyElements() throws {
        let reader = try #require(JSONReader(longest: 8_000))
        reader.open(Array(("[" + String(repeating: "1,", count: 3_998) + "1]").utf8))
        #expect(reader.elements()?.count == 3_999)
        #expect(JSONReader()?.elements() == nil, "nothing is open")
    }
}
