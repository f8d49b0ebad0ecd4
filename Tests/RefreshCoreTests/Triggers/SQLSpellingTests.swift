import RefreshCore
import Testing

@Suite struct SQLSpellingTests {
    @Test func identifiersAreAlwaysQuoted() {
        #expect(SQLSpelling.identifier("a") == "\"a\"")
        #expect(SQLSpelling.identifier("we\"ird T'able\\") == "\"we\"\"ird T'able\\\"")
        // A quote with a combining mark behind it is one character to Swift and a quote to Postgres.
        #expect(Array(SQLSpelling.identifier("\"\u{301}").unicodeScalars.prefix(3)) == ["\"", "\"", "\""])
    }

    @Test func literalsMeanTheSameInEverySession() {
        #expect(SQLSpelling.literal("it's") == "'it''s'")
        #expect(SQLSpelling.literal("a\\'b") == "E'a\\\\''b'")
        #expect(SQLSpelling.literal("") == "''")
    }

    @Test func aDollarQuoteHasATagThatIsNotInTheText() {
        #expect(SQLSpelling.dollarQuoted("x") == "$rekindle$x$rekindle$")
        #expect(SQLSpelling.dollarQuoted("$rekindle$").hasPrefix("$rekindle1$$rekindle$"))
    }

    @Test func aCommentEndsWithItsLine() {
        #expect(SQLSpelling.comment("a\nDROP TABLE t;\r\u{2028}é") == "-- a DROP TABLE t;  é")
    }

    @Test func jsonStringsAreEscaped() {
        #expect(SQLSpelling.json("a\"b\\c\u{1}é") == "\"a\\\"b\\\\c\\u0001é\"")
    }
}

@Suite struct TableNameTests {
    static let names: [(String, String?, String)] = [
        ("items", nil, "items"), ("shop.items", "shop", "items"), ("Items", nil, "Items"),
        ("\"a.b\"", nil, "a.b"), ("\"a.b\".\"c\"\"d\"", "a.b", "c\"d"), ("s.\"x\"", "s", "x"), ("\"s\".x", "s", "x"),
        ("we\"ird T'able\\", nil, "we\"ird T'able\\"),
        (String(repeating: "é", count: 31), nil, String(repeating: "é", count: 31)),
    ]

    @Test(arguments: names) func namesAreTakenAsTheyAre(spelling: String, schema: String?, name: String) {
        let found = TableName(spelling)
        #expect(found == TableName(schema: schema, name: name))
    }

    @Test(arguments: [
        "", ".", "a.", ".a", "a.b.c", "\"a", "\"a\"b", "\"\"", "\"a\".", "a\0", String(repeating: "é", count: 32),
    ])
    func whatIsNoNameIsRefused(spelling: String) { #expect(TableName(spelling) == nil) }

    @Test func namesThatOnlyLookEqualAreTwo() {
        #expect(TableName("é") != TableName("e\u{301}"))
        #expect(Set([TableName("é"), TableName("e\u{301}"), TableName("é")]).count == 2)
        #expect(TableName("a.b") != TableName("\"a.b\""))
    }
}
