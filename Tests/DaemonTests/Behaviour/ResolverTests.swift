import RefreshService
import TestDaemon
import Testing

/// SQL that turns an event's parameters into the keys to refresh.
struct ResolverTests {
    private static let body = """
        [regions.orders]
        [queries.order]
        region = "orders"
        params = ["shop", "id"]
        key = "{shop}:{id}"
        sql = "SELECT id, (SELECT json_agg(i.name ORDER BY i.id) FROM items i WHERE i.order_id = o.id) AS items FROM orders o WHERE shop = $1 AND id = $2"
        [resolvers.order_of_item]
        query = "order"
        params = ["item"]
        sql = "SELECT o.shop, o.id FROM items i JOIN orders o ON o.id = i.order_id WHERE i.id = $1"
        [resolvers.orders_of_shop]
        query = "order"
        params = ["shop"]
        sql = "SELECT shop, id FROM orders WHERE shop = $1 UNION ALL SELECT NULL, 1"
        [channels.item_changed]
        payload = "text"
        refresh = [{ resolver = "order_of_item" }]
        publish = [{ channel = "told" }]
        [channels.shop_changed]
        refresh = [{ resolver = "orders_of_shop", params = { shop = "name" } }]
        """

    private static func site() throws -> Site {
        let site = try Site()
        try site.sql(
            """
            CREATE TABLE orders (id int PRIMARY KEY, shop text);
            CREATE TABLE items (id int PRIMARY KEY, order_id int, name text);
            INSERT INTO orders SELECT i, CASE WHEN i <= 300 THEN 'north' ELSE 'south' END FROM generate_series(1, 600) i;
            INSERT INTO items SELECT i, (i + 1) / 2, 'n' || i FROM generate_series(1, 1200) i
            """)
        return site
    }

    @Test func anItemLeadsToItsOrderAndItsMessageWaitsForIt() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        try site.sql("UPDATE items SET name = 'new' WHERE id = 4; SELECT pg_notify('item_changed', '4')")
        #expect(try subscriber.message() == "4")
        #expect(site.cli("GET", "orders:north:2") == #"{"id":2,"items":["n3", "new"]}"#, "who hears of it finds it")
        // One that leads nowhere is told, too, and asks for nothing.
        try site.sql("SELECT pg_notify('item_changed', '9999')")
        #expect(try subscriber.message() == "9999")
        #expect(site.cli("DBSIZE") == site.cli("EVAL", "return #redis.call('KEYS', '*')", "0"))
        try daemon.eventually("0") { try daemon.status()["queue.keys"] }
    }

    @Test func manyEventsAreResolvedByFewStatements() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        let before = try daemon.metric("rekindle_statements_total")
        try site.sql("SELECT pg_notify('item_changed', i::text) FROM generate_series(1, 1200) i")
        #expect(try daemon.post("/sync").status == 200)
        #expect(Int(site.cli("EVAL", "return #redis.call('KEYS', 'orders:*')", "0")) == 600)
        #expect(try daemon.metric("rekindle_statements_total") - before < 40)
        #expect(try daemon.metric("rekindle_stored_total", "region=\"orders\"") <= 1_200, "an order waits once")
    }

    @Test func oneEventLeadsToManyKeys() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        try site.sql("SELECT pg_notify('shop_changed', '{\"name\":\"south\"}')")
        #expect(try daemon.post("/sync").status == 200)
        #expect(Int(site.cli("EVAL", "return #redis.call('KEYS', 'orders:south:*')", "0")) == 300)
        #expect(Int(site.cli("EVAL", "return #redis.call('KEYS', 'orders:*')", "0")) == 300)
    }

    @Test func whatCanNotRunIsParkedAndHeals() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        try site.sql("ALTER TABLE items RENAME COLUMN order_id TO o; SELECT pg_notify('item_changed', '4')")
        try daemon.eventually { try daemon.metric("rekindle_query_paused", "query=\"order_of_item\"") == 1 }
        #expect(try daemon.status().named("order_of_item", in: "queries", "failure")?.contains("42703") == true)
        try site.sql("ALTER TABLE items RENAME COLUMN o TO order_id")
        try daemon.eventually(#"{"id":2,"items":["n3", "n4"]}"#, within: .seconds(20)) {
            site.cli("GET", "orders:north:2")
        }
        let check = try Command.rekindle("check", "--database", "--config", daemon.configurationPath)
        #expect(check.exit == .code(0), "\(check.error)")
    }

    @Test func aWrongCountOfColumnsIsTold() throws {
        let site = try Self.site()
        let body = Self.body.replacing("SELECT o.shop, o.id FROM", with: "SELECT o.id FROM")
        let daemon = try site.start(DaemonConfiguration(body))
        try daemon.waitUntilReady()
        let check = try Command.rekindle("check", "--database", "--config", daemon.configurationPath)
        #expect(check.exit == .code(78))
        #expect(
            (check.error + check.output).contains("returns 1 columns, but the query that it names has 2 parameters"))
    }
}
