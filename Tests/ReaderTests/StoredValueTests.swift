import TestDaemon
import TestServers
import Testing

/// Values that dogpile.cache reads.
@Suite(.enabled("dogpile.cache can not be installed") { Releases.areThere })
struct StoredValueTests {
    @Test(arguments: Releases.names, ["json", "pickle"])
    func aReaderGetsWhatTheDaemonStores(release: String, serializer: String) throws {
        let site = try Site()
        try site.sql(
            #"""
            CREATE TABLE items (id int PRIMARY KEY, name text, price numeric(10,2), big numeric, tags json, since date);
            INSERT INTO items VALUES
                (1, 'a|b "é"', 12.50, 123456789012345678901234567890, '["\ud83d\ude00", {"x": null}, -0, 1e3]', '2026-11-21')
            """#)
        let daemon = try site.daemon(
            """
            [regions.items]
            prefix = "items:"
            format = "dogpile"
            serializer = "\(serializer)"
            ttl = "1h"
            [queries.item]
            region = "items"
            params = ["id"]
            missing = "null"
            sql = "SELECT * FROM items WHERE id = $1"
            [queries.all]
            region = "items"
            key = "all"
            sql = "SELECT id, name FROM items"
            result = "rows"
            [queries.count]
            region = "items"
            key = "count"
            sql = "SELECT count(*) FROM items"
            result = "scalar"
            [channels.changed]
            refresh = [{ query = "item", params = { id = "id" } }, { query = "all" }, { query = "count" }]
            """)
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("4") { site.cli("EXISTS", "items:1", "items:2", "items:all", "items:count") }
        _ = try Releases.run(release, "stored.py", site.redis.socketPath, serializer)
        withExtendedLifetime(daemon) {}
    }

    @Test func aValueThatHasNoPickleIsParkedAndTheOthersAreStored() throws {
        let site = try Site()
        try site.sql(
            """
            CREATE TABLE items (id int PRIMARY KEY, size numeric);
            INSERT INTO items VALUES (1, 1), (2, trunc(10::numeric ^ 4400)), (3, 3)
            """)
        let daemon = try site.daemon(
            """
            [regions.items]
            format = "dogpile"
            serializer = "pickle"
            [queries.item]
            region = "items"
            params = ["id"]
            sql = "SELECT * FROM items WHERE id = $1"
            warm = "SELECT id FROM items"
            [channels.changed]
            refresh = [{ query = "item", params = { id = "id" } }]
            """)
        #expect(site.cli("EXISTS", "items:1", "items:2", "items:3") == "2")
        try daemon.eventually("items:2") { try daemon.status()["parked.keys.0.key"] ?? "" }
        #expect(try daemon.get("/status").contains("an integer in it has more than 4300 digits"))
        try site.sql(#"UPDATE items SET size = 2 WHERE id = 2; NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("3") { site.cli("EXISTS", "items:1", "items:2", "items:3") }
    }
}
