import TestDaemon
import Testing

/// Triggers spell a key as `warm` does, so that a value has one key only, whatever its type and the writer's session.
struct TriggerSpellingTests {
    static let types: [(type: String, value: String)] = [
        ("smallint", "-7"), ("bigint", "9007199254740993"), ("numeric", "1.50"), ("numeric", "NaN"), ("boolean", "t"),
        ("real", "0.1"), ("double precision", "1e-300"), ("double precision", "0.30000000000000004"),
        ("text", #"a"b\c é"#),
        ("varchar(9)", " x "), ("char(5)", "ab"), ("uuid", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11"),
        ("date", "2024-02-03"),
        ("timestamp", "2024-02-03 04:05:06.7"), ("timestamptz", "2024-02-03 04:05:06.7+02"), ("time", "04:05"),
        ("interval", "1 year 2 days 03:04:05"), ("inet", "10.0.0.1"), ("cidr", "10.0.0.0/8"),
        ("macaddr", "08:00:2b:01:02:03"),
        ("bytea", #"\xdeadbeef"#), ("int[]", "{1,2,NULL}"), ("text[]", #"{"a,b","c\"d"}"#), ("int4range", "[1,5)"),
        ("mood", "so so"), ("positive", "7"), ("label", "x"), ("money", "$1.50"),
        ("bit(3)", "101"),
        ("xid8", "12"), ("jsonb", #"{"a": [1]}"#), ("oid", "4000000000"), ("\"char\"", "c"), ("name", "n"),
    ]

    @Test func aValueHasOneKey() throws {
        let site = try Site()
        try site.sql(
            "CREATE TYPE mood AS ENUM ('so so'); CREATE DOMAIN positive AS int CHECK (value > 0); CREATE DOMAIN label AS text"
        )
        var body = ""
        for (number, entry) in Self.types.enumerated() {
            try site.sql(
                "CREATE TABLE t\(number) (k \(entry.type), v int); INSERT INTO t\(number) VALUES ('\(entry.value.replacing("'", with: "''"))', 0)"
            )
            body += """
                [regions.t\(number)]
                [queries.t\(number)]
                region = "t\(number)"
                params = ["k"]
                result = "scalar"
                sql = "SELECT v FROM t\(number) WHERE k = $1"
                warm = "SELECT k FROM t\(number)"
                [channels.t\(number)]
                refresh = [{ query = "t\(number)", params = { k = "k" } }]
                [tables.t\(number)]
                key = ["k"]
                channel = "t\(number)"

                """
        }
        let daemon = try site.daemon(body)
        let apply = try Command.rekindle("triggers", "--apply", "--config", daemon.configurationPath)
        #expect(apply.exit == .code(0), "\(apply)")
        let session = try site.session()
        try session.run(
            "SET DateStyle = 'SQL, DMY'; SET IntervalStyle = iso_8601; SET TimeZone = 'Asia/Tokyo'; SET extra_float_digits = -5; SET bytea_output = escape"
        )
        func keys() -> [String] {
            site.cli("KEYS", "*").split(separator: "\n").map(String.init).filter { $0.hasPrefix("t") }
        }
        let warm = keys().sorted()
        #expect(warm.count == Self.types.count)
        for number in Self.types.indices { try session.run("UPDATE t\(number) SET v = 1") }
        // Every key was there before, and holds what is new.
        try daemon.eventually([String]()) {
            warm.filter { site.cli("GET", $0) != "1" } + keys().filter { !warm.contains($0) }
        }
    }
}
