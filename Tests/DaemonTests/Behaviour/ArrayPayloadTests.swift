import TestDaemon
import Testing

/// One notification that stands for many events, and one that stands for a whole table.
struct ArrayPayloadTests {
    private static let body = """
        [regions.items]
        [regions.pages]
        [regions.search]
        [queries.item]
        region = "items"
        params = ["id"]
        result = "scalar"
        sql = "SELECT name FROM items WHERE id = $1"
        [queries.count]
        region = "items"
        result = "scalar"
        sql = "SELECT count(*) FROM items"
        [channels.changed]
        refresh = [{ query = "item", params = { id = "id" } }, { query = "count" }]
        invalidate = [{ region = "pages", key = "{id}", params = { id = "id" } }]
        publish = [{ channel = "told", body = "envelope" }]
        [channels.gone]
        invalidate = [{ region = "search" }]

        """

    private func site() throws -> Site {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, 900) i"
        )
        return site
    }

    @Test func eachElementIsAnEventOfItsOwn() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        for key in ["pages:1", "pages:2", "pages:3"] { site.cli("SET", key, "old") }
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        try site.sql(#"NOTIFY changed, '[{"id":1}, {"id": "x"}, 7, {"id":"2"}]'; NOTIFY changed, '{"id":3}'"#)
        var heard: [[String?]] = []
        for _ in 1...3 {
            let event = try Document(subscriber.message())
            heard.append([event["payload"], event["key"], event["sequence"]])
        }
        #expect(
            heard.sorted { ($0[2] ?? "") < ($1[2] ?? "") } == [
                [#"{"id":1}"#, "items:1", "1"], [#"{"id":"2"}"#, "items:2", "4"], [#"{"id":3}"#, "items:3", "5"],
            ], "\(daemon.log)")
        #expect(site.cli("MGET", "items:1", "items:2", "items:3", "items:count") == "\"n1\"\n\"n2\"\n\"n3\"\n900")
        #expect(site.cli("EXISTS", "pages:1", "pages:2", "pages:3") == "0")
        #expect(try daemon.metric("rekindle_notifications_total", #"channel="changed""#) == 2)
        #expect(try daemon.metric("rekindle_bad_payloads_total", #"channel="changed""#) == 2)
    }

    @Test func aPayloadMayBeFullOfKeys() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        let longest = try site.sql(
            """
            SELECT pg_notify('changed', p), octet_length(p) FROM (SELECT '[' || string_agg('{"id":' || i || '}', ',')
                || repeat(' ', 7999 - 2 - sum(octet_length(i::text) + 8)::int + 1) || ']' AS p FROM generate_series(1, 600) i) x
            """)
        #expect(longest == "|7999")
        try daemon.eventually("601") { site.cli("--raw", "EVAL", "return #redis.call('KEYS', 'items:*')", "0") }
        #expect(try daemon.metric("rekindle_bad_payloads_total") == 0)
    }

    @Test func whatIsNoArrayAfterAllIsRefusedAsAWhole() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        try site.sql(#"NOTIFY changed, '[{"id":1}, {"id":2}'; NOTIFY changed, '[]'; NOTIFY gone, '[1,'"#)
        try site.sql(#"NOTIFY changed, '{"id":3}'"#)
        try daemon.eventually("\"n3\"") { site.cli("GET", "items:3") }
        #expect(site.cli("EXISTS", "items:1", "items:2") == "0")
        #expect(try daemon.metric("rekindle_bad_payloads_total") == 1)
        #expect(try daemon.status().named("changed", in: "channels", "last_fault") == "the payload is not valid json")
    }

    @Test func whoIndexesTheRootTakesTheArrayForOneEvent() throws {
        let site = try site()
        let daemon = try site.daemon(
            """
            [regions.items]
            [queries.pair]
            region = "items"
            params = ["id", "other"]
            result = "scalar"
            sql = "SELECT count(*) FROM items WHERE id IN ($1::int, $2::int)"
            [channels.changed]
            refresh = [{ query = "pair", params = { id = "0", other = "1.id" } }]
            """)
        try site.sql(#"NOTIFY changed, '[7, {"id":8}]'"#)
        try daemon.eventually("2") { site.cli("GET", "items:7:8") }
    }

    @Test func aWholeTableIsRefreshedAndItsInvalidationsEmptyTheirRegions() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        try site.sql(#"NOTIFY changed, '[{"id":1},{"id":2},{"id":3}]'"#)
        try daemon.eventually(5) { site.cli("KEYS", "items:*").split(separator: "\n").count + 1 }
        for key in ["pages:1", "pages:x", "search:1"] { site.cli("SET", key, "old") }
        let gaps = try daemon.metric("rekindle_gaps_total")
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        try site.sql(#"UPDATE items SET name = 'new'; DELETE FROM items WHERE id = 3; NOTIFY changed, '"*"'"#)
        let event = try Document(subscriber.message())
        // The message comes when every key is right.
        #expect(event["payload"] == #""*""# && event["key"] == nil)
        #expect(site.cli("MGET", "items:1", "items:2", "items:3", "items:count") == "\"new\"\n\"new\"\n\n899")
        #expect(site.cli("EXISTS", "pages:1", "pages:x") == "0", "\(daemon.log)")
        #expect(site.cli("EXISTS", "search:1") == "1")
        #expect(try daemon.metric("rekindle_whole_table_total", #"channel="changed""#) == 1)
        #expect(try daemon.metric("rekindle_gaps_total") == gaps)
        #expect(try daemon.metric("rekindle_bad_payloads_total") == 0)
    }
}
