import RefreshService
import TestDaemon
import TestServers
import Testing

/// `result = "by_key"`: the rows of one query are the keys of a region.
struct ByKeyTests {
    private static let body = """
        [regions.prices]
        [queries.prices]
        region = "prices"
        key = "{sku}:{currency}"
        result = "by_key"
        sql = '''SELECT sku, currency, sum(amount) AS "total", count(*) FROM price_list GROUP BY sku, currency -- all'''
        [channels.changed]
        payload = "text"
        refresh = [{ query = "prices" }]
        publish = [{ channel = "told" }]
        """

    private static func site(rows: Int = 300) throws -> Site {
        let site = try Site()
        try site.sql(
            """
            CREATE TABLE price_list (sku int, currency text, amount numeric);
            INSERT INTO price_list SELECT i / 2, CASE WHEN i % 2 = 0 THEN 'EUR' ELSE 'USD' END, i
            FROM generate_series(0, \(rows - 1)) i
            """)
        return site
    }

    private static func value(_ sku: Int, _ currency: String, _ total: Int) -> String {
        #"{"sku":\#(sku),"currency":"\#(currency)","total":\#(total),"count":1}"#
    }

    private func keys(_ site: Site) -> Int {
        Int(site.cli("EVAL", "return #redis.call('KEYS', 'prices:*')", "0")) ?? -1
    }

    @Test func rowsAreKeysAndWhatVanishedIsRemoved() throws {
        let site = try Self.site()
        site.cli("SET", "prices:nonsense", "of no row")
        let daemon = try site.daemon(Self.body)
        #expect(keys(site) == 300)
        #expect(site.cli("GET", "prices:7:EUR") == Self.value(7, "EUR", 14))
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        try site.sql(
            """
            UPDATE price_list SET amount = 1000 WHERE sku = 7; DELETE FROM price_list WHERE sku = 8;
            INSERT INTO price_list VALUES (900, 'CHF', 1), (NULL, 'CHF', 1); NOTIFY changed, 'x'
            """)
        #expect(try subscriber.message() == "x")
        #expect(site.cli("GET", "prices:7:USD") == Self.value(7, "USD", 1_000), "who hears of it finds it")
        #expect(site.cli("GET", "prices:900:CHF") == Self.value(900, "CHF", 1))
        #expect(site.cli("EXISTS", "prices:8:EUR", "prices:8:USD") == "0")
        #expect(keys(site) == 299)

        site.cli("DEL", "prices:7:EUR")
        #expect(try daemon.read("/regions/prices/7:EUR") == (200, Self.value(7, "EUR", 1_000)))
        #expect(try daemon.read("/regions/prices/8:EUR").status == 404)
        try site.sql("TRUNCATE price_list; NOTIFY changed, 'y'")
        #expect(try daemon.post("/sync").status == 200)
        #expect(keys(site) == 0)
    }

    @Test func readersSeeNoKeyVanishThatHasARow() throws {
        let site = try Self.site(rows: 3_000)
        let daemon = try site.daemon(Self.body)
        let writer = try site.session()
        try writer.send(
            (1...40).map { "UPDATE price_list SET amount = amount + \($0); NOTIFY changed, '\($0)';" }
                .joined(separator: "\n"))
        let reader = try site.redisClient()
        var rounds = 0
        while try daemon.metric("rekindle_notifications_total", "channel=\"changed\"") < 40 {
            for id in [0, 700, 1_499] { #expect(try reader.command("EXISTS", "prices:\(id):EUR") == .number(1)) }
            rounds += 1
        }
        #expect(rounds > 0)
        #expect(try daemon.post("/sync").status == 200)
        #expect(site.cli("GET", "prices:1:EUR") == Self.value(1, "EUR", 2 + 820))
    }

    @Test func aStatementThatFailsDeletesNothing() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        try site.sql("ALTER TABLE price_list RENAME COLUMN amount TO price; NOTIFY changed, 'x'")
        try daemon.eventually { try daemon.status().named("prices", in: "queries", "warm_failure") != nil }
        #expect(keys(site) == 300)
        try site.sql("ALTER TABLE price_list RENAME COLUMN price TO amount; UPDATE price_list SET amount = 5")
        #expect(try daemon.post("/refresh?region=prices").status == 200)
        #expect(site.cli("GET", "prices:1:EUR") == Self.value(1, "EUR", 5))
    }

    /// A million rows pass through in memory that does not grow with them, but for eight bytes each.
    @Test func manyRowsAreStreamed() throws {
        let site = try Site()
        let daemon = try site.daemon(
            """
            [regions.r]
            [queries.q]
            region = "r"
            key = "{id}"
            result = "by_key"
            sql = "SELECT id, repeat('x', 100) AS filling FROM generate_series(1, 300000) id"
            [channels.changed]
            payload = "text"
            refresh = [{ query = "q" }]
            """)
        #expect(site.cli("DBSIZE").isEmpty == false)
        #expect(site.cli("EXISTS", "r:1", "r:300000") == "2")
        let peak = Files.read("/proc/\(daemon.id)/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        let kilobytes = peak?.split(separator: " ").compactMap { Int($0) }.first ?? .max
        if MemoryBound.holds { #expect(kilobytes < 80 << 10) }
    }
}
