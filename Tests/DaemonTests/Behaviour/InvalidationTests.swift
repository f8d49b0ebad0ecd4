import TestDaemon
import Testing

/// Keys and regions that are deleted on an event, and queries without parameters.
struct InvalidationTests {
    private static let shop = """
        [regions.items]
        prefix = "items:"
        [regions.pages]
        prefix = "pages:"
        [queries.front_page]
        region = "items"
        key = "front"
        sql = "SELECT id, name FROM items ORDER BY id LIMIT 2"
        result = "rows"
        [queries.page]
        region = "pages"
        params = ["slug"]
        result = "scalar"
        sql = "SELECT body FROM pages WHERE slug = $1"
        [channels.catalogue_changed]
        refresh = [{ query = "front_page" }]
        [channels.page_changed]
        refresh = [{ query = "page", params = { slug = "slug" } }]
        [channels.page_gone]
        invalidate = [{ region = "pages", key = "{slug}", params = { slug = "slug" } }]
        [channels.pages_gone]
        invalidate = [{ region = "pages" }]

        """

    private func site() throws -> Site {
        let site = try Site()
        try site.sql(
            """
            CREATE TABLE items (id int, name text);
            INSERT INTO items VALUES (1, 'one'), (2, 'two'), (3, 'three');
            CREATE TABLE pages (slug text PRIMARY KEY, body text);
            INSERT INTO pages VALUES ('a', 'A'), ('b', 'B')
            """)
        return site
    }

    @Test func aQueryWithoutParametersFollowsABareNotification() throws {
        let site = try site()
        let daemon = try site.daemon(Self.shop)
        try site.sql("NOTIFY catalogue_changed")
        try daemon.eventually(#"[{"id":1,"name":"one"},{"id":2,"name":"two"}]"#) { site.cli("GET", "items:front") }
        try site.sql("DELETE FROM items WHERE id = 1; NOTIFY catalogue_changed, 'no JSON'")
        try daemon.eventually(#"[{"id":2,"name":"two"},{"id":3,"name":"three"}]"#) { site.cli("GET", "items:front") }
    }

    @Test func oneKeyIsDeletedAndNoOther() throws {
        let site = try site()
        let daemon = try site.daemon(Self.shop)
        try site.sql(#"NOTIFY page_changed, '{"slug":"a"}'; NOTIFY page_changed, '{"slug":"b"}'"#)
        try daemon.eventually(#""B""#) { site.cli("GET", "pages:b") }
        try daemon.eventually(#""A""#) { site.cli("GET", "pages:a") }
        try site.sql(#"NOTIFY page_gone, '{"slug":"a"}'"#)
        try daemon.eventually("0") { site.cli("EXISTS", "pages:a") }
        #expect(site.cli("GET", "pages:b") == #""B""#)
    }

    @Test func aWholeRegionGoesWithoutHoldingRedisUp() throws {
        let site = try site()
        let daemon = try site.daemon(Self.shop)
        site.cli(
            "EVAL", "for i = 1, 100000 do redis.call('SET', 'pages:old' .. i, i) end redis.call('SET', 'other', 1)", "0"
        )
        site.cli("CONFIG", "RESETSTAT")
        #expect(site.cli("DBSIZE").split(separator: "\n").last.flatMap { Int($0) } ?? 0 >= 100_001)
        try site.sql("NOTIFY pages_gone; SELECT pg_notify('page_changed', '{\"slug\":\"a\"}')")
        let client = try site.redisClient()
        try daemon.eventually([0, 0]) {
            try ["old1", "old100000"].map { try client.command("EXISTS", "pages:\($0)").number ?? -1 }
        }
        try daemon.eventually(0) { try daemon.metric("rekindle_resync_pending") }
        try daemon.eventually("pages:a") { site.cli("KEYS", "pages:*") }
        #expect(site.cli("GET", "pages:a") == #""A""#)
        #expect(site.cli("GET", "other") == "1")
        #expect(try daemon.metric("rekindle_deleted_total", #"region="pages""#) >= 100_000)
        // By the mean of many calls: one alone may take long because the machine does something else.
        let calls = try statistics(client, of: "exec")
        #expect(calls.count >= 196, "more than 512 keys a transaction")
        #expect(calls.microseconds < 2_000, "\(daemon.log)")
        #expect(try statistics(client, of: "scan").microseconds < 2_000)
    }

    /// How often a command ran and how long it took in the mean, by Redis' own count.
    private func statistics(_ client: RedisClient, of command: String) throws -> (count: Int, microseconds: Double) {
        let lines = try client.command("INFO", "commandstats").text?.split(separator: "\r\n") ?? []
        let line = try #require(lines.first { $0.hasPrefix("cmdstat_\(command):") })
        func number(_ name: String) -> Double? {
            line.split(whereSeparator: { $0 == ":" || $0 == "," }).first { $0.hasPrefix("\(name)=") }
                .flatMap { Double($0.dropFirst(name.count + 1)) }
        }
        return (Int(number("calls") ?? 0), number("usec_per_call") ?? .infinity)
    }

    @Test(arguments: [true, false])
    func aRefreshThatRunsDoesNotBringADeletedValueBack(wholeRegion: Bool) throws {
        let site = try site()
        let daemon = try site.daemon(Self.shop)
        try site.sql(#"NOTIFY page_changed, '{"slug":"a"}'; NOTIFY page_changed, '{"slug":"b"}'"#)
        try daemon.eventually(#""B""#) { site.cli("GET", "pages:b") }
        let blocker = try site.session()
        try blocker.run("BEGIN; LOCK TABLE pages")
        try site.sql(#"NOTIFY page_changed, '{"slug":"a"}'"#)
        try daemon.eventually("1") { try daemon.status().named("page", in: "queries", "running") }
        try site.sql(wholeRegion ? "NOTIFY pages_gone" : #"NOTIFY page_gone, '{"slug":"a"}'"#)
        let channel = wholeRegion ? "pages_gone" : "page_gone"
        try daemon.eventually("1") { try daemon.status().named(channel, in: "channels", "notifications") }
        try blocker.run("COMMIT")
        try daemon.eventually("0") { try daemon.status()["queue.keys"] }
        try daemon.eventually(0) { try daemon.metric("rekindle_resync_pending") }
        #expect(site.cli("EXISTS", "pages:a") == "0", "\(daemon.log)")
        #expect(site.cli("EXISTS", "pages:b") == (wholeRegion ? "0" : "1"))
    }

    /// The later event wins: a refresh that comes after the invalidation fills the key again.
    @Test func aRefreshAfterTheInvalidationFillsTheKeyAgain() throws {
        let site = try site()
        let daemon = try site.daemon(Self.shop)
        for round in 1...20 {
            try site.sql(
                """
                UPDATE pages SET body = 'round \(round)' WHERE slug = 'a';
                NOTIFY page_gone, '{"slug":"a"}';
                NOTIFY pages_gone;
                NOTIFY page_changed, '{"slug":"a"}'
                """)
            try daemon.eventually(#""round \#(round)""#) { site.cli("GET", "pages:a") }
        }
        try daemon.eventually(0) { try daemon.metric("rekindle_resync_pending") }
        try daemon.eventually("0") { try daemon.status()["queue.keys"] }
        #expect(site.cli("GET", "pages:a") == #""round 20""#, "\(daemon.log)")
    }
}
