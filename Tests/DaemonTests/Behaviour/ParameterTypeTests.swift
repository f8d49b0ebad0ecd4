import TestDaemon
import Testing

/// Parameters of every scalar type, in the form that refreshes many keys and in that for one at a time.
struct ParameterTypeTests {
    /// A column type, a payload's JSON value, and the key that it makes.
    private static let types: [(type: String, json: String, key: String)] = [
        ("int2", "-7", "-7"), ("int4", "2147483647", "2147483647"),
        ("int8", "9007199254740993", "9007199254740993"), ("text", #""it's \"x\" {a,b} \\ é""#, #"it's "x" {a,b} \ é"#),
        ("varchar(20)", #""wide""#, "wide"),
        ("uuid", #""A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11""#, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
        ("numeric", "1.50", "1.50"), ("numeric(10,2)", #""7.25""#, "7.25"), ("float8", "0.1", "0.1"),
        ("date", #""2026-02-28""#, "2026-02-28"),
        ("timestamptz", #""2026-02-28T12:00:00.5Z""#, "2026-02-28T12:00:00.5Z"),
        ("bool", "true", "true"), ("jsonb", #"{"a":[1,"x"]}"#, #"{"a":[1,"x"]}"#), ("mood", #""so so""#, "so so"),
        ("inet", #""10.0.0.1""#, "10.0.0.1"), ("bytea", #""\\x00ff""#, #"\x00ff"#), ("char(3)", #""abc""#, "abc"),
    ]

    @Test func everyScalarTypeCanBeAParameter() throws {
        let site = try Site()
        try site.sql("CREATE TYPE mood AS ENUM ('good', 'so so')")
        var body = "[regions.r]\nprefix = 'r:'\n"
        for (number, (type, json, _)) in Self.types.enumerated() {
            let literal = json.replacing("'", with: "''")
            try site.sql(
                """
                CREATE TABLE t\(number) (k \(type), v text);
                INSERT INTO t\(number)
                SELECT CASE WHEN '\(type)' = 'jsonb' THEN x::text ELSE x #>> '{}' END::\(type), 'found'
                FROM (SELECT '\(literal)'::jsonb AS x) AS given
                """)
            body += """

                [queries.q\(number)]
                region = "r"
                key = "\(number):{k}"
                params = ["k"]
                result = "scalar"
                sql = "SELECT v FROM t\(number) WHERE k = $1"
                [channels.c\(number)]
                refresh = [{ query = "q\(number)", params = { k = "k" } }]

                """
        }
        let daemon = try site.daemon(body)
        for (number, (type, json, key)) in Self.types.enumerated() {
            let literal = json.replacing("'", with: "''")
            try site.sql("SELECT pg_notify('c\(number)', '{\"k\":\(literal)}')")
            try daemon.eventually([type, #""found""#]) { [type, site.cli("GET", "r:\(number):\(key)")] }
            #expect(try daemon.status().named("q\(number)", in: "queries", "form") == "batched", "\(type)")
        }
    }

    @Test func whatPostgresRefusesToBatchRunsKeyByKey() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int, name text)")
        try site.sql("INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, 9) i")
        let daemon = try site.daemon(
            """
            [regions.r]
            prefix = "r:"
            [queries.first]
            region = "r"
            key = "first:{least}:{count}"
            params = ["least", "count"]
            result = "rows"
            sql = "SELECT id FROM items WHERE id >= $1 ORDER BY id LIMIT $2"
            [queries.counted]
            region = "r"
            key = "counted:{id}"
            params = ["id"]
            result = "scalar"
            sql = "SELECT count($1::int4) FROM items WHERE id <= $1"
            [queries.several]
            region = "r"
            key = "several:{ids}"
            params = ["ids"]
            result = "scalar"
            sql = "SELECT string_agg(name, ' ' ORDER BY id) FROM items WHERE id = ANY($1::int4[])"
            [channels.c]
            refresh = [
                { query = "first", params = { least = "id", count = "n" } },
                { query = "counted", params = { id = "id" } },
                { query = "several", params = { ids = "ids" } },
            ]
            """)
        for number in 1...5 {
            try site.sql(#"NOTIFY c, '{"id":\#(number),"n":2,"ids":"{\#(number),9}"}'"#)
        }
        for number in 1...5 {
            let rows = #"[{"id":\#(number)},{"id":\#(number + 1)}]"#
            try daemon.eventually(rows) { site.cli("GET", "r:first:\(number):2") }
            try daemon.eventually("\(number)") { site.cli("GET", "r:counted:\(number)") }
            try daemon.eventually("\"n\(number) n9\"") { site.cli("GET", "r:several:{\(number),9}") }
        }
        let status = try daemon.status()
        for query in ["counted", "several"] { #expect(status.named(query, in: "queries", "form") == "per key") }
        #expect(status.named("first", in: "queries", "form") == "batched")
    }
}
