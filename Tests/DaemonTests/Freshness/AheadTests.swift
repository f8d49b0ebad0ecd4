import RefreshService
import TestDaemon
import TestServers
import Testing

/// Values are refreshed before they are stale; those that nobody reads may be let go.
struct AheadTests {
    private static func body(_ region: String) -> String {
        """
        [regions.items]
        \(region)
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT id, name FROM items WHERE id = $1"
        warm = "SELECT id FROM items"
        [channels.none]
        """
    }

    private static func site(_ count: Int, redis: RedisServer.Options = .init()) throws -> Site {
        let site = try Site(redis: redis)
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); "
                + "INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, \(count)) i")
        return site
    }

    /// The least that is left of the expiry of any of the keys, in milliseconds.
    private static func leastLeft(_ client: RedisClient, _ keys: Range<Int>) throws -> Int {
        try keys.map { try client.command("PTTL", "items:\($0)").number ?? -9 }.min() ?? 0
    }

    /// For a time, again and again.
    private static func during(_ time: Duration, _ body: () throws -> Bool) throws {
        let begin = ContinuousClock.now
        try eventually(within: time + .seconds(5)) {
            guard try body() else { throw Trouble("not after \(ContinuousClock.now - begin)") }
            return ContinuousClock.now - begin > time
        }
    }

    @Test func noValueGoesStaleThoughNobodyNotifies() throws {
        let site = try Self.site(300)
        let daemon = try site.daemon(
            Self.body("ttl = \"1m\"\nstale_after = \"3s\"\nrefresh_ahead = \"1500ms\"\nrefresh_budget = 1000"))
        try site.sql("UPDATE items SET name = 'later'")
        let client = try site.redisClient()
        try Self.during(.seconds(8)) { try Self.leastLeft(client, 1..<301) > 57_000 }
        #expect(site.cli("GET", "items:300") == #"{"id":300,"name":"later"}"#)
        let refreshed = try daemon.metric("rekindle_refreshed_ahead_total", "region=\"items\"")
        #expect((600...1_800).contains(refreshed), "\(refreshed): each key two to five times in eight seconds")
        #expect(try daemon.metric("rekindle_stale_keys") == 0)
        #expect(try daemon.metric("rekindle_refresh_ahead_waiting") < 300)
        #expect(try daemon.get("/healthz") == "ok\n")
    }

    @Test func theBudgetIsKeptAndWhatWaitsIsShown() throws {
        let site = try Self.site(300)
        let daemon = try site.daemon(
            Self.body("ttl = \"1m\"\nstale_after = \"2s\"\nrefresh_ahead = \"1s\"\nrefresh_budget = 20"))
        try daemon.eventually { try daemon.metric("rekindle_refresh_ahead_waiting") > 50 }
        let begin = ContinuousClock.now
        let before = try daemon.metric("rekindle_refreshed_ahead_total")
        try eventually { ContinuousClock.now - begin > .seconds(3) }
        let refreshed = try daemon.metric("rekindle_refreshed_ahead_total") - before
        #expect((50...70).contains(refreshed), "\(refreshed) in three seconds")
        try daemon.eventually(within: .seconds(30)) { try daemon.metric("rekindle_stale_keys") > 0 }
    }

    @Test(arguments: ["noeviction", "allkeys-lfu"]) func readKeysStayFreshAndUnreadOnesAreLetGo(policy: String) throws {
        let site = try Self.site(40)
        site.cli("CONFIG", "SET", "maxmemory-policy", policy)
        let daemon = try site.daemon(
            Self.body(
                "ttl = \"9s\"\nstale_after = \"5s\"\nrefresh_ahead = \"2s\"\nkeep = \"while_read\"\nrefresh_budget = 1000"
            ))
        let client = try site.redisClient()
        // Ten of the keys are read, by whoever; of the others nobody wants to know.
        try Self.during(.seconds(11)) {
            for key in 1..<11 { try client.command("GET", "items:\(key)") }
            return try Self.leastLeft(client, 1..<11) > 4_000
        }
        try daemon.eventually("10") {
            site.cli("DBSIZE").isEmpty ? "" : "\(site.cli("KEYS", "items:*").split(separator: "\n").count)"
        }
        #expect(site.cli("EXISTS", "items:1", "items:10", "items:11", "items:40") == "2")
        // Who asks the daemon for one has it made, and kept as long as that goes on.
        #expect(try daemon.read("/regions/items/11").status == 200)
        #expect(site.cli("EXISTS", "items:11") == "1")
    }

    @Test func withoutASoftClockNobodyLooks() throws {
        let site = try Self.site(20)
        let daemon = try site.daemon(Self.body("ttl = \"1m\""))
        #expect(try daemon.metric("rekindle_stored_total") >= 20)
        let names = site.cli("CLIENT", "LIST").split(separator: "\n").filter { $0.contains("name=rekindle") }
        #expect(names.count == 1, "\(names)")
    }

    @Test func aReloadTakesUpTheClocks() throws {
        let site = try Self.site(20)
        let daemon = try site.daemon(Self.body("ttl = \"1m\""))
        let stored = try daemon.metric("rekindle_stored_total")
        try daemon.reload(DaemonConfiguration(Self.body("ttl = \"1m\"\nstale_after = \"1s\"\nrefresh_ahead = \"50%\"")))
        #expect(try daemon.metric("rekindle_stored_total") == stored, "what is written is the same as before")
        try daemon.eventually { try daemon.metric("rekindle_refreshed_ahead_total") > 40 }
        try daemon.reload(DaemonConfiguration(Self.body("ttl = \"1m\"")))
        #expect(try !daemon.get("/metrics").contains("rekindle_stale_keys{"))
    }
}
