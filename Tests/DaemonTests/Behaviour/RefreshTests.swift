import TestDaemon
import Testing

/// What a notification makes of a key.
struct RefreshTests {
    private static let items = """
        [regions.items]
        prefix = "shop:"
        ttl = "1h"
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT id, name FROM items WHERE id = $1"
        [channels.items_changed]
        refresh = [{ query = "item", params = { id = "id" } }]
        """

    @Test func anUpdateReplacesTheValueAndADeleteRemovesIt() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (7, 'old')")
        let daemon = try site.daemon(Self.items)
        try site.sql("UPDATE items SET name = 'new' WHERE id = 7; NOTIFY items_changed, '{\"id\":7}'")
        try daemon.eventually(#"{"id":7,"name":"new"}"#) { site.cli("GET", "shop:7") }
        let ttl = Int(site.cli("TTL", "shop:7")) ?? -1
        #expect((3590...3600).contains(ttl))

        try site.sql("DELETE FROM items WHERE id = 7; NOTIFY items_changed, '{\"id\":7}'")
        try daemon.eventually("0") { site.cli("EXISTS", "shop:7") }
    }

    @Test func aNotificationThatWasRolledBackChangesNothing() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (7, 'old')")
        let daemon = try site.daemon(Self.items)
        try site.sql("NOTIFY items_changed, '{\"id\":7}'")
        try daemon.eventually(#"{"id":7,"name":"old"}"#) { site.cli("GET", "shop:7") }
        try site.session().run(
            "BEGIN; UPDATE items SET name = 'never' WHERE id = 7; NOTIFY items_changed, '{\"id\":7}'; ROLLBACK")
        try site.sql("INSERT INTO items VALUES (8, 'next'); NOTIFY items_changed, '{\"id\":8}'")
        try daemon.eventually(#"{"id":8,"name":"next"}"#) { site.cli("GET", "shop:8") }
        #expect(site.cli("GET", "shop:7") == #"{"id":7,"name":"old"}"#)
        #expect(try daemon.metric("rekindle_notifications_total", #"channel="items_changed""#) == 2)
    }

    /// Bytes that mean something to JSON, to SQL literals, to arrays or to RESP come through as they are.
    @Test func awkwardTextComesThroughAsItIs() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id text PRIMARY KEY, name text)")
        let daemon = try site.daemon(
            Self.items.replacing("shop:", with: "shop:text:").replacing(#""json""#, with: #""text""#)
        )
        let client = try site.redisClient()
        let texts = [
            "it''s {1,2} \"quoted\" \\\\ back", "naïve ☃ 😀", "a,b:c|d%e*f?[g]", " lead and trail ", "NULL", "{}",
        ]
        for text in texts {
            try site.sql(
                """
                INSERT INTO items VALUES ('\(text)', '\(text)');
                SELECT pg_notify('items_changed', json_build_object('id', '\(text)')::text)
                """)
            let plain = text.replacing("''", with: "'")
            let expected = try site.sql("SELECT to_json(i) FROM items i WHERE id = '\(text)'")
            try daemon.eventually(expected) { try client.command("GET", "shop:text:\(plain)").text ?? "none" }
        }
    }

    @Test func aPayloadThatDoesNotFitIsCountedAndDropped() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'one')")
        let daemon = try site.daemon(Self.items)
        let bad = [
            "", "{", #"{"id":null}"#, #"{"id":[1]}"#, #"{"id":"x"}"#, #"{"id":99999999999}"#, #"{"no":1}"#, "[1]",
        ]
        for payload in bad { try site.sql("SELECT pg_notify('items_changed', '\(payload)')") }
        try site.sql(#"NOTIFY items_changed, '{"id":"1"}'"#)
        try daemon.eventually(#"{"id":1,"name":"one"}"#) { site.cli("GET", "shop:1") }
        #expect(try daemon.status().named("items_changed", in: "channels", "bad_payloads") == "\(bad.count)")
        #expect(site.cli("KEYS", "shop:*") == "shop:1")
        #expect(try daemon.get("/healthz") == "ok\n")
    }
}

extension String {
    /// The text with every occurrence of one text replaced by another.
    func replacing(_ part: String, with other: String) -> String {
        var result = ""
        var rest = self[...]
        while let first = rest.first {
            if rest.hasPrefix(part) {
                result += other
                rest = rest.dropFirst(part.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }
}
