import RefreshService
import TestDaemon
import Testing

/// `when = "cached"`: events refresh only what is there.
struct CachedOnlyTests {
    private static let body = """
        [regions.r]
        [queries.q]
        region = "r"
        params = ["id"]
        when = "cached"
        sql = "SELECT id, name FROM items WHERE id = $1"
        [channels.changed]
        payload = "text"
        refresh = [{ query = "q" }]
        """

    @Test func keysThatAreNotThereAreLeftUntilSomebodyAsks() throws {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); "
                + "INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, 1000) i")
        let daemon = try site.daemon(Self.body)
        #expect(try daemon.read("/regions/r/7") == (200, ControlShop.value(7, "n7")))
        #expect(try daemon.post("/refresh?region=r&key=8").status == 200)
        #expect(site.cli("EXISTS", "r:7", "r:8") == "2")
        let before = try daemon.metric("rekindle_statements_total")
        try site.sql(
            "UPDATE items SET name = 'new'; SELECT pg_notify('changed', i::text) FROM generate_series(1, 1000) i")
        #expect(try daemon.post("/sync").status == 200)
        #expect(site.cli("GET", "r:7") == ControlShop.value(7, "new"))
        #expect(site.cli("GET", "r:8") == ControlShop.value(8, "new"))
        #expect(site.cli("EVAL", "return #redis.call('KEYS', 'r:*')", "0") == "2")
        #expect(try daemon.metric("rekindle_statements_total") - before <= 20)
        // A row that is gone goes from the cache.
        try site.sql("DELETE FROM items WHERE id = 8; SELECT pg_notify('changed', '8')")
        #expect(try daemon.post("/sync").status == 200)
        #expect(site.cli("EXISTS", "r:8") == "0")
    }
}
