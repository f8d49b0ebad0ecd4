import Testing

@testable import RefreshCore

@Suite struct PickleTests {
    private func pickle(_ json: String) throws(PickleFault) -> [UInt8] {
        let bytes = Array(json.utf8)
        return try Pickle.pickle(json: bytes.span)
    }

    @Test(
        arguments: [
            ("null", "80024e2e"), ("true", "8002882e"), ("7", "80024b072e"), ("-1", "80024affffffff2e"),
            ("256", "80024d00012e"), ("4294967296", "80028a0500000000012e"), ("-0", "80024b002e"),
            ("1.5", "8002473ff80000000000002e"), ("[]", "80025d2e"), ("{}", "80027d2e"),
            ("[1,2]", "80025d284b014b02652e"), (#"{"a":"é"}"#, "80027d2858010000006171005802000000c3a9752e"),
            // A key that comes again is named by its number.
            (#"[{"a":1},{"a":2}]"#, "80025d287d28580100000061" + "71004b01757d2868004b0275652e"),
        ] as [(String, String)]) func writes(json: String, expected: String) throws
    {
        #expect(try pickle(json).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == expected)
    }

    @Test(
        arguments: [
            "", " ", "[", "]", "{", "[1", "[1,]", "[,1]", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "nul", "truex",
            "\"",
            #""\x""#, #""\u12""#, "\"\n\"", "1 2", "-", "1.e", "--1", "[1}", #"{"a":1]"#, "+1", "1-1", "NaN",
        ]) func refuses(json: String)
    {
        #expect(throws: PickleFault.malformed) { try pickle(json) }
    }

    @Test func isBounded() throws {
        let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
        _ = try pickle(nested(Pickle.deepest))
        #expect(throws: PickleFault.tooDeep) { try pickle(nested(Pickle.deepest + 1)) }
        _ = try pickle(String(repeating: "9", count: Pickle.longestInteger))
        #expect(throws: PickleFault.integerTooLong) {
            try pickle(String(repeating: "9", count: Pickle.longestInteger + 1))
        }
        let latin: [UInt8] = [0x22, 0xE9, 0x22]
        #expect(throws: PickleFault.notText) { try Pickle.pickle(json: latin.span) }
    }
}
