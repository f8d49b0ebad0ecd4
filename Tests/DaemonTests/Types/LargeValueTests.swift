import RefreshService
import TestDaemon
import TestServers
import Testing

/// Values that are larger than their region takes stay in Postgres; all others are stored.
@Suite("max_value")
struct LargeValueTests {
    /// The forms in which a value is stored, with the query's result.
    static let forms = [
        ("json", "row"), ("json", "rows"), ("json", "scalar"), ("text", "scalar"), ("hash", "row"), ("dogpile", "row"),
    ]
    private static let rows = """
        CREATE TABLE items (id int PRIMARY KEY, size int NOT NULL);
        INSERT INTO items SELECT i, 10 FROM generate_series(1, 20) i
        """

    private func body(
        _ format: String, _ result: String, limit: String, condition: String = "id = $1", more: String = ""
    ) -> String {
        let columns = result == "scalar" ? "repeat('x', size) AS body" : "id, repeat('x', size) AS body"
        return """
            [regions.r]
            prefix = "r:"
            format = "\(format)"
            max_value = "\(limit)"
            [queries.q]
            region = "r"
            key = "{id}"
            params = ["id"]
            result = "\(result)"
            sql = "SELECT \(columns) FROM items WHERE \(condition)"
            \(more)
            [channels.c]
            payload = "text"
            refresh = [{ query = "q" }]

            """
    }

    private func keys(_ site: Site) -> String { site.cli("EVAL", "return #redis.call('KEYS', 'r:*')", "0") }

    private func notifyAll(_ site: Site) throws {
        try site.sql("SELECT pg_notify('c', i::text) FROM generate_series(1, 20) i")
    }

    /// Of a batch with one large value all others are stored, that one is parked with its size, and heals.
    private func largeAmongSmall(_ site: Site, _ daemon: RunningDaemon, limit: Int, form: String) throws {
        try daemon.eventually("20") { keys(site) }
        let before = site.cli("GET", "r:7") + site.cli("HGET", "r:7", "body")
        try site.sql("UPDATE items SET size = 300000000 WHERE id = 7")
        let memory = daemon.mostResidentKiB
        try notifyAll(site)
        let parked = try daemon.eventually(within: .seconds(60)) {
            try daemon.status()["parked.keys.0.failure"] ?? ""
        } where: {
            $0.contains("max_value")
        }
        #expect(parked.contains("the value has 30000") && parked.contains("takes \(limit);"), "\(parked)")
        #expect(try daemon.status()["parked.keys.0.key"] == "r:7")
        #expect(try daemon.status()["parked.keys.0.query"] == "q")
        #expect(daemon.log.contains("value too large") && daemon.log.contains("has 30000"), "\(daemon.log)")
        #expect(!daemon.log.contains("xxxx"))
        // What it knew stays.
        #expect(site.cli("GET", "r:7") + site.cli("HGET", "r:7", "body") == before)
        #expect(!MemoryBound.holds || daemon.mostResidentKiB - memory < 8 << 10, "\(memory) \(daemon.mostResidentKiB)")
        try site.sql("UPDATE items SET size = 20; SELECT pg_notify('c', i::text) FROM generate_series(1, 20) i")
        try daemon.eventually(true, within: .seconds(20)) {
            (site.cli("GET", "r:7") + site.cli("HGET", "r:7", "body")).contains(String(repeating: "x", count: 20))
        }
        try daemon.eventually("0") { try daemon.status()["parked.total"] }
    }

    @Test("a value of 300 MB among small ones, many keys at once", arguments: forms)
    func batched(format: String, result: String) throws {
        let site = try Site()
        try site.sql(Self.rows)
        let daemon = try site.daemon(body(format, result, limit: "64KiB"))
        try notifyAll(site)
        try largeAmongSmall(site, daemon, limit: 65_536, form: "batched")
        #expect(try daemon.status().named("q", in: "queries", "form") == "batched")
    }

    @Test("a value of 300 MB among small ones, key by key", arguments: [("json", "row"), ("hash", "row")])
    func perKey(format: String, result: String) throws {
        let site = try Site()
        try site.sql(Self.rows)
        let daemon = try site.daemon(
            body(format, result, limit: "1MiB", condition: "id = ANY(ARRAY[(SELECT count($1::int4) * $1)])"))
        try notifyAll(site)
        try largeAmongSmall(site, daemon, limit: 1 << 20, form: "per key")
        #expect(try daemon.status().named("q", in: "queries", "form") == "per key")
    }

    @Test("a value of 200 MB in the stream that fills a region", arguments: forms)
    func warm(format: String, result: String) throws {
        let site = try Site()
        try site.sql(Self.rows + "; UPDATE items SET size = 200000000 WHERE id = 7")
        let daemon = try site.start(
            .init(body(format, result, limit: "64KiB", more: "warm = \"SELECT id FROM items\"")))
        try daemon.waitUntilReady(within: .seconds(60))
        #expect(keys(site) == "19")
        try daemon.eventually("r:7", within: .seconds(60)) { try daemon.status()["parked.keys.0.key"] }
        #expect(!MemoryBound.holds || daemon.mostResidentKiB < 160 << 10, "\(daemon.mostResidentKiB)")
        #expect(site.cli("EXISTS", "r:7") == "0")
        let read = try daemon.read("/regions/r/7")
        #expect(read.status == 502 && read.text.contains("max_value"), "\(read)")
        try site.sql("UPDATE items SET size = 20; NOTIFY c, '7'")
        try daemon.eventually("20", within: .seconds(30)) { keys(site) }
    }

    @Test("exactly as large as allowed is stored, one byte more is not", arguments: [("json", 1_015), ("text", 1_024)])
    func bound(format: String, size: Int) throws {
        let site = try Site()
        try site.sql(Self.rows)
        let result = format == "json" ? "row" : "scalar"
        let configuration = body(format, result, limit: "1KiB").replacing("id, repeat", with: "repeat")
        let daemon = try site.daemon(configuration)
        // {"body":"…"} has eleven bytes around the text.
        let around = format == "json" ? 11 : 0
        try site.sql("UPDATE items SET size = \(1_024 - around) WHERE id = 1; NOTIFY c, '1'")
        try daemon.eventually("1024") { site.cli("STRLEN", "r:1") }
        try site.sql("UPDATE items SET size = size + 1 WHERE id = 1; NOTIFY c, '1'")
        try daemon.eventually(true) {
            try daemon.status()["parked.keys.0.failure"]?.contains("the value has 1025 bytes") == true
        }
        // A larger bound, and the parked key is stored.
        try daemon.reload(.init(configuration.replacing("1KiB", with: "2KiB")))
        try daemon.eventually("1025", within: .seconds(20)) { site.cli("STRLEN", "r:1") }
    }

    @Test("a text that begins as the mark of a large value is itself", arguments: ["\u{1}", "\u{1}12", "\u{1}\u{1}x"])
    func marked(text: String) throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, body text)")
        try site.sql("INSERT INTO items VALUES (1, '\(text)')")
        let daemon = try site.daemon(
            body("text", "scalar", limit: "1KiB").replacing("repeat('x', size) AS body", with: "body"))
        try site.sql("NOTIFY c, '1'")
        try daemon.eventually(.text(text)) { try site.redisClient().command("GET", "r:1") }
    }
}
