import RefreshService
import TestDaemon
import TestServers
import Testing

/// What becomes of values in payloads, for every type, is what the table of `ParameterExample` says.
@Suite("Parameters")
struct ParametersTests {
    /// The examples of one type in one format, which share a query and a channel.
    private struct Group {
        let name: String
        let type: String
        let format: String
        let examples: [ParameterExample]
    }

    private static let groups: [Group] = {
        var order: [String] = []
        for example in ParameterExample.all where !order.contains("\(example.format) \(example.type)") {
            order.append("\(example.format) \(example.type)")
        }
        return order.enumerated().map { number, name in
            let examples = ParameterExample.all.filter { "\($0.format) \($0.type)" == name }
            return Group(name: "p\(number)", type: examples[0].type, format: examples[0].format, examples: examples)
        }
    }()

    private static var body: String {
        var text = "[regions.r]\nprefix = \"r:\"\n"
        for group in groups {
            let source = ["json": "k", "csv": "0", "text": "payload"][group.format] ?? ""
            text += """

                [queries.\(group.name)]
                region = "r"
                key = "\(group.name):{k}"
                params = ["k"]
                result = "scalar"
                sql = 'SELECT $1::\(group.type)'
                [channels.\(group.name)]
                payload = "\(group.format)"
                refresh = [{ query = "\(group.name)", params = { k = "\(source)" } }]

                """
        }
        return text
    }

    @Test("each value is taken, or dropped and counted; the others of the same statement are stored")
    func fates() throws {
        let site = try Site()
        // Of this database alone: the role is that of all tests.
        for setting in ["lc_monetary", "TimeZone"] {
            let value = setting == "TimeZone" ? "UTC" : "C"
            try site.sql(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET \(setting) = ''\(value)''', current_database()); END $$"
            )
        }
        try site.sql(TypeExample.schema)
        let daemon = try site.daemon(Self.body)
        func notify(_ group: Group, _ example: ParameterExample) -> String {
            let value = group.format == "json" ? "{\"k\":\(example.value)}" : example.value
            return "SELECT pg_notify('\(group.name)', '\(value.replacing("'", with: "''"))');"
        }
        try site.sql(Self.groups.flatMap { group in group.examples.map { notify(group, $0) } }.joined())
        for group in Self.groups {
            func count(_ fate: ParameterExample.Fate) -> Double { Double(group.examples.count { $0.fate == fate }) }
            func find(_ metric: String, _ label: String) throws -> Double {
                try daemon.metric(metric, "\(label)=\"\(group.name)\"")
            }
            let what = "\(group.format) \(group.type)"
            try daemon.eventually("\(what) \(count(.dropped))") {
                "\(what) \(try find("rekindle_bad_payloads_total", "channel"))"
            }
            try daemon.eventually("\(what) \(count(.refused))") {
                "\(what) \(try find("rekindle_unfit_parameters_total", "query"))"
            }
            for example in group.examples {
                guard case .taken(let key, let json) = example.fate else { continue }
                try daemon.eventually("\(what) \(json)") { "\(what) \(site.cli("GET", "r:\(group.name):\(key)"))" }
            }
        }
        // The fates of all are settled: there is nothing else, and nothing is tried again.
        let expected = Self.groups.flatMap { group in
            group.examples.compactMap { if case .taken(let key, _) = $0.fate { "r:\(group.name):\(key)" } else { nil } }
        }
        #expect(try Set(site.redisClient().command("KEYS", "r:*").list.compactMap(\.text)) == Set(expected))
        #expect(try daemon.status()["parked.total"] == "0")
        for secret in ["soon", "dear", "2026-02-30"] { #expect(!daemon.log.contains(secret), "\(secret)") }
        #expect(daemon.log.contains("parameters dropped") && daemon.log.contains("payload dropped"))
    }

    @Test("what is in the cache under parameters that are none is deleted, and readers are told that there is no row")
    func leftovers() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (day date PRIMARY KEY)")
        site.cli("SET", "r:nonsense", "of another configuration")
        let daemon = try site.daemon(
            """
            [regions.r]
            prefix = "r:"
            [queries.q]
            region = "r"
            params = ["day"]
            missing = "null"
            sql = "SELECT day FROM items WHERE day = $1"
            """)
        #expect(site.cli("EXISTS", "r:nonsense") == "0")
        #expect(try daemon.read("/regions/r/2026-02-30").status == 404)
        #expect(site.cli("EXISTS", "r:2026-02-30") == "0")
        #expect(try daemon.read("/regions/r/2026-02-28").text == "null")
        site.redis.stop()
        #expect(try daemon.read("/regions/r/2026-02-30").status == 404)
        #expect(try daemon.read("/regions/r/2026-02-28").text == "null")
    }

    @Test("a value that came before the types were known is refused by Postgres, the next by the daemon")
    func first() throws {
        let site = try Site()
        let daemon = try site.daemon(
            """
            [regions.r]
            [queries.q]
            region = "r"
            params = ["id"]
            sql = "SELECT id FROM items WHERE id = $1::int"
            [channels.c]
            payload = "text"
            refresh = [{ query = "q" }]
            """)
        try site.sql("NOTIFY c, 'nonsense'")
        try daemon.eventually(1) { try daemon.metric("rekindle_query_paused", #"query="q""#) }
        try site.sql("CREATE TABLE items (id int)")
        try daemon.eventually(1) { try daemon.metric("rekindle_unfit_parameters_total") }
        #expect(try daemon.status()["parked.total"] == "0")
        try site.sql("NOTIFY c, 'nonsense'")
        try daemon.eventually(1) { try daemon.metric("rekindle_bad_payloads_total", #"channel="c""#) }
        #expect(try daemon.metric("rekindle_unfit_parameters_total") == 1)
    }

    /// The fault of a row looks like one of a parameter.
    @Test("a fault that a row causes parks its key, whatever the parameter's type")
    func rowsAtFault() throws {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (day date PRIMARY KEY, body text); INSERT INTO items VALUES ('2026-01-01', 'x')")
        let daemon = try site.daemon(
            """
            [regions.r]
            prefix = "r:"
            [queries.q]
            region = "r"
            params = ["day"]
            sql = "SELECT body::int FROM items WHERE day = $1"
            [channels.c]
            payload = "text"
            refresh = [{ query = "q" }]
            """)
        try site.sql("NOTIFY c, '2026-01-01'")
        try daemon.eventually("r:2026-01-01") { try daemon.status()["parked.keys.0.key"] }
        #expect(try daemon.metric("rekindle_unfit_parameters_total") == 0)
    }
}
