import TestDaemon
import Testing

/// What a region that is deleted after a gap holds afterwards.
struct GapPolicyTests {
    @Test func aDeletedRegionIsFilledAgainWhereItSaysHow() throws {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'one'), (2, 'two')")
        for key in ["w:1", "w:9", "d:1", "d:front"] { site.cli("SET", key, "old") }
        let daemon = try site.daemon(
            """
            [regions.w]
            on_gap = "delete"
            [regions.d]
            on_gap = "delete"
            [queries.warm]
            region = "w"
            params = ["id"]
            sql = "SELECT id, name FROM items WHERE id = $1"
            warm = "SELECT id FROM items"
            [queries.cold]
            region = "d"
            params = ["id"]
            sql = "SELECT id, name FROM items WHERE id = $1"
            [queries.front]
            region = "d"
            key = "front"
            sql = "SELECT count(*) FROM items"
            result = "scalar"
            [channels.changed]
            refresh = [{ query = "warm", params = { id = "id" } }, { query = "cold", params = { id = "id" } },
                { query = "front" }]
            """)
        #expect(
            site.cli("MGET", "w:1", "w:2", "d:front") == #"{"id":1,"name":"one"}"# + "\n"
                + #"{"id":2,"name":"two"}"# + "\n2", "\(daemon.log)")
        #expect(site.cli("EXISTS", "w:9", "d:1") == "0")
    }
}
