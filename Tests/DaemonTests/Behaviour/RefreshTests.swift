import Testing

/// What a notification makes of a key.
struct RefreshTests {
    @Test func anUpdateReplacesTheValueAndADeleteRemovesIt() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (7, 'old')")
        let daemon = try site.daemon(
            """
            [regions.items]
            prefix = "shop:"
            ttl = "1h"
            [queries.item]
            region = "items"
            params = ["id"]
            sql = "SELECT id, name FROM items WHERE id = $1"
            [channels.items_changed]
            refresh = [{ query = "item", params = { id = "id" } }]
            """)
        try site.sql("UPDATE items SET name = 'new' WHERE id = 7; NOTIFY items_changed, '{\"id\":7}'")
        try daemon.eventually(#"{"id":7,"name":"new"}"#) { site.cli("GET", "shop:7") }
        let ttl = Int(site.cli("TTL", "shop:7")) ?? -1
        #expect((3590...3600).contains(ttl))

        try site.sql("DELETE FROM items WHERE id = 7; NOTIFY items_changed, '{\"id\":7}'")
        try daemon.eventually("0") { site.cli("EXISTS", "shop:7") }
    }
}
