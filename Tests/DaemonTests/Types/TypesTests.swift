import TestDaemon
import TestServers
import Testing

/// What is stored of each type, in each format, is what the table of `TypeExample` says.
@Suite("Types")
struct TypesTests {
    /// What a role may have set, each of which spells values otherwise.
    private static let odd = [
        "DateStyle = 'German, DMY'", "IntervalStyle = 'iso_8601'", "extra_float_digits = -15",
        "bytea_output = 'escape'", "xmlbinary = 'hex'", "quote_all_identifiers = on", "TimeZone = 'UTC'",
        "lc_monetary = 'C'", "standard_conforming_strings = off", "client_encoding = 'LATIN1'",
    ]

    private static func examples(_ site: Site) throws -> [TypeExample] {
        try site.sql(TypeExample.schema)
        if (try? site.sql("CREATE EXTENSION hstore")) != nil { return TypeExample.all }
        print("hstore is not tested: install postgresql-contrib")
        return TypeExample.all.filter { $0.type != "hstore" }
    }

    /// One row has an example a column, three times over.
    private static func fill(_ site: Site, _ examples: [TypeExample]) throws {
        let columns = examples.enumerated().map { "c\($0) \($1.type)" }.joined(separator: ", ")
        let values = examples.map { "(\($0.sql))::\($0.type)" }.joined(separator: ", ")
        try site.sql(
            """
            CREATE TABLE examples (id int PRIMARY KEY, \(columns));
            INSERT INTO examples SELECT id, \(values) FROM generate_series(1, 3) id
            """)
    }

    private static func query(_ name: String, _ region: String, _ result: String, _ columns: String) -> String {
        """

        [queries.\(name)]
        region = "\(region)"
        key = "\(name):{id}"
        params = ["id"]
        result = "\(result)"
        sql = "SELECT \(columns) FROM examples WHERE id = $1"
        warm = "SELECT 1"
        """
    }

    private static func body(_ examples: [TypeExample]) -> String {
        let all = examples.indices.map { "c\($0)" }.joined(separator: ", ")
        var text = ""
        for format in ["json", "text", "hash", "dogpile"] {
            text += "\n[regions.\(format)]\nprefix = \"\(format):\"\nformat = \"\(format)\""
        }
        var names: [String] = []
        func add(_ name: String, _ region: String, _ result: String, _ columns: String) {
            names.append(name)
            text += query(name, region, result, columns)
        }
        for (format, result) in [("json", "row"), ("json", "rows"), ("hash", "row"), ("dogpile", "row")] {
            add("\(format)_\(result)", format, result, all)
        }
        for number in examples.indices {
            for format in ["json", "text", "dogpile"] { add("\(format)\(number)", format, "scalar", "c\(number)") }
        }
        let rules = names.map { "{ query = \"\($0)\" }" }.joined(separator: ", ")
        return text + "\n[channels.changed]\npayload = \"text\"\nrefresh = [\(rules)]\n"
    }

    @Test("every type in each format, by the stream that fills, by one statement for many keys and by one for one")
    func stored() throws {
        let site = try Site()
        let examples = try Self.examples(site)
        try Self.fill(site, examples)
        for setting in Self.odd {
            try site.sql(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \(setting.replacing("'", with: "''"))', current_database()); END $$"
            )
        }
        let daemon = try site.start(.init(Self.body(examples)))
        try daemon.waitUntilReady(within: .seconds(120))
        let stored = examples.count * 3 + 4
        try Self.check(site, examples, "1", "the stream")
        try site.sql("NOTIFY changed, '2'; NOTIFY changed, '3'")
        try daemon.eventually(stored * 3, within: .seconds(60)) {
            try site.redisClient().command("DBSIZE").number.map { $0 - 2 }
        }
        try Self.check(site, examples, "2", "many keys at once")
        try Self.check(site, examples, "3", "many keys at once")
        site.cli("DEL", "json:json_row:1", "hash:hash_row:1", "json:json0:1")
        try site.sql("NOTIFY changed, '1'")
        try daemon.eventually("3") { site.cli("EXISTS", "json:json_row:1", "hash:hash_row:1", "json:json0:1") }
        try Self.check(site, examples, "1", "one key")
        #expect(try daemon.status().named("json_row", in: "queries", "form") == "batched", "\(daemon.log)")
    }

    private static func check(_ site: Site, _ examples: [TypeExample], _ id: String, _ way: String) throws {
        let client = try site.redisClient()
        func get(_ key: String) throws -> String? { try client.command("GET", key).text }
        for (number, example) in examples.enumerated() {
            let name = "\(example.type) \(example.sql), by \(way)"
            #expect(try get("json:json\(number):\(id)") == example.json, "\(name)")
            #expect(try get("text:text\(number):\(id)") == example.text, "\(name)")
            let dogpile = try get("dogpile:dogpile\(number):\(id)") ?? ""
            #expect(dogpile.hasPrefix("{\"ct\": ") && dogpile.hasSuffix(", \"v\": 2}|\(example.json)"), "\(name)")
            #expect(try client.command("HGET", "hash:hash_row:\(id)", "c\(number)").text == example.hash, "\(name)")
        }
        let row = "{" + examples.enumerated().map { "\"c\($0)\":\($1.json)" }.joined(separator: ",") + "}"
        #expect(try get("json:json_row:\(id)") == row, "\(way)")
        #expect(try get("json:json_rows:\(id)") == "[\(row)]", "\(way)")
        #expect(try get("dogpile:dogpile_row:\(id)")?.hasSuffix("|\(row)") == true, "\(way)")
    }

    /// JSON is read back by Postgres itself: digits, escapes and nesting are those of the value.
    @Test("of the JSON the value can be made again")
    func readBack() throws {
        let site = try Site()
        let examples = try Self.examples(site)
        try Self.fill(site, examples)
        // Postgres does not take an hstore out of JSON.
        for (number, example) in examples.enumerated() where example.type != "hstore" {
            let json = example.json.replacing("'", with: "''")
            let made = "(json_populate_record(NULL::examples, '{\"c\(number)\":\(json)}')).c\(number)::text"
            let isSame = try site.sql(
                "SELECT coalesce(\(made) = c\(number)::text, false) FROM examples WHERE id = 1")
            // What it loses, it must lose: else the table says too much.
            #expect(isSame == (example.loses == nil ? "t" : "f"), "\(example.type) \(example.sql)")
        }
    }

    @Test("workers that connect after the role's settings have changed spell values as those before")
    func alike() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, at timestamptz, price money, part regclass)")
        try site.sql("CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.t (); CREATE TABLE b.t ()")
        func set(_ settings: String...) throws {
            for setting in settings {
                try site.sql(
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \(setting)', current_database()); END $$")
            }
        }
        try set("TimeZone = ''Asia/Tokyo''", "search_path = public, a")
        try site.sql("INSERT INTO items VALUES (1, '2026-01-01 00:00+00', 1.5, 'a.t')")
        let daemon = try site.daemon(
            """
            [regions.r]
            prefix = "r:"
            [queries.q]
            region = "r"
            params = ["id"]
            sql = "SELECT at, price, part FROM items WHERE id = $1"
            [channels.c]
            payload = "text"
            refresh = [{ query = "q" }]
            """)
        let value = #"{"at":"2026-01-01T09:00:00+09:00","price":"$1.50","part":"t"}"#
        try site.sql("NOTIFY c, '1'")
        try daemon.eventually(value) { site.cli("GET", "r:1") }
        try set("TimeZone = ''America/New_York''", "search_path = public, b")
        let before = try daemon.metric("rekindle_connects_total", "kind=\"worker\"")
        try site.terminateDaemonSessions()
        try daemon.eventually { try daemon.metric("rekindle_connects_total", "kind=\"worker\"") >= before + 2 }
        for _ in 1...4 {
            site.cli("DEL", "r:1")
            try site.sql("NOTIFY c, '1'")
            try daemon.eventually("1") { site.cli("EXISTS", "r:1") }
            #expect(site.cli("GET", "r:1") == value)
        }
    }
}
