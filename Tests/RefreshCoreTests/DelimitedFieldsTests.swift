import TestServers
import Testing

@testable import RefreshCore

@Suite struct DelimitedFieldsTests {
    private func field(_ index: Int, of record: String) -> String? {
        let bytes = Array(record.utf8)
        return DelimitedFields.field(index, of: bytes.span)?.description
    }

    @Test(
        arguments: [
            ("a,b,c", 1, "b"), ("a,b", 2, nil), ("a", -1, nil), ("", 0, ""), ("", 1, nil), (",", 1, ""),
            ("a,,c", 1, ""),
            ("\"a,b\",c", 0, "a,b"), ("\"a,b\",c", 1, "c"), ("\"a\"\"b\"", 0, "a\"b"), ("\"\"", 0, ""),
            ("\"\"\"\"", 0, "\""),
            ("\"a\nb\"", 0, "a\nb"), ("a\r\n", 0, "a"), ("a,b\n", 1, "b"), ("\"a\"\r\n", 0, "a"), ("\n", 0, ""),
            (" a ,b", 0, " a "), ("a,\"", 0, nil), ("\"a", 0, nil), ("\"a\"b", 0, nil), ("\"a\"b\"", 0, nil),
            ("a\"b", 0, nil),
            ("\"a\"\"", 0, nil),
            ("a,b\nc", 0, nil), ("a\r,b", 0, nil), ("a,b\"c", 0, nil), ("a\n\n", 0, nil), ("\"a\" ,b", 0, nil),
        ] as [(String, Int, String?)]) func finds(record: String, index: Int, expected: String?)
    {
        #expect(field(index, of: record) == expected)
    }

    @Test(arguments: 1...UInt64(10)) func splitsWhatWasJoined(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let fields = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                random.text(of: ["\"", ",", "\n", "\r\n", "a", " ", "é"], most: 5)
            }
            let record = fields.map { field in
                let special = field.unicodeScalars.contains { "\",\n\r".unicodeScalars.contains($0) }
                guard special || Bool.random(using: &random) else { return field }
                return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
                    + "\""
            }.joined(separator: ",")
            for (index, expected) in fields.enumerated() {
                #expect(field(index, of: record) == expected, "seed \(seed)")
            }
            #expect(field(fields.count, of: record) == nil, "seed \(seed)")
        }
    }
}
