import Glibc
import TestDaemon
import TestServers
import Testing

/// SIGHUP with a changed configuration.
struct ReloadTests {
    private static let items = """
        [regions.items]
        prefix = "items:"
        [queries.item]
        region = "items"
        params = ["id"]
        result = "scalar"
        sql = "SELECT version FROM items WHERE id = $1"
        [channels.changed]
        refresh = [{ query = "item", params = { id = "id" } }]

        """
    private static let prices = """
        [regions.prices]
        prefix = "prices:"
        [queries.price]
        region = "prices"
        params = ["id"]
        result = "scalar"
        sql = "SELECT version * 10 FROM items WHERE id = $1"
        warm = "SELECT id FROM items"
        [channels.priced]
        refresh = [{ query = "price", params = { id = "id" } }]

        """

    private func site() throws -> Site {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, version int); INSERT INTO items VALUES (1, 1), (2, 2)")
        return site
    }

    @Test func aChannelWithItsQueryAndRegionComesAndGoesAndOthersLoseNothing() throws {
        let site = try site()
        let daemon = try site.daemon(Self.items)
        let writer = try site.session()
        try writer.send(
            """
            DO $$
            BEGIN
                FOR i IN 1..2000 LOOP
                    UPDATE items SET version = i WHERE id = 1;
                    NOTIFY changed, '{"id":1}';
                    COMMIT;
                    PERFORM pg_sleep(0.0005);
                END LOOP;
            END $$
            """)
        try daemon.eventually { try daemon.metric("rekindle_notifications_total", #"channel="changed""#) > 20 }
        try daemon.reload(DaemonConfiguration(Self.items + Self.prices))
        try site.sql(#"UPDATE items SET version = 7 WHERE id = 2; NOTIFY priced, '{"id":2}'"#)
        try daemon.eventually("70") { site.cli("GET", "prices:2") }
        try daemon.eventually("1") { site.cli("EXISTS", "prices:1") }

        try daemon.reload(DaemonConfiguration(Self.items))
        #expect(try daemon.status().named("priced", in: "channels", "name") == nil)
        try site.sql(#"UPDATE items SET version = 8 WHERE id = 2; NOTIFY priced, '{"id":2}'"#)
        #expect(try writer.wait() == "")
        try daemon.eventually("2000") { site.cli("GET", "items:1") }
        // Every one of them was heard; the channel that is gone was not.
        try daemon.eventually(2000) { try daemon.metric("rekindle_notifications_total", #"channel="changed""#) }
        #expect(site.cli("GET", "prices:2") == "70", "\(daemon.log)")
        let listening = try site.sql(
            """
            SELECT query FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE 'LISTEN%priced%'
            """)
        #expect(listening == "")
    }

    @Test func aBrokenFileKeepsTheFormerConfigurationAndSaysSo() throws {
        let site = try site()
        let daemon = try site.daemon(Self.items)
        let broken = Self.items.replacing("result = \"scalar\"", with: "reslut = \"scalar\"")
        try daemon.configure(DaemonConfiguration(broken))
        let text = Files.read(daemon.configurationPath).split(separator: "\n", omittingEmptySubsequences: false)
        let line = (text.firstIndex { $0.hasPrefix("reslut") } ?? -1) + 1
        daemon.signal(SIGHUP)
        try daemon.eventually { try daemon.status()["reload_failure"] != nil }
        let failure = try daemon.status()["reload_failure"] ?? ""
        #expect(failure.contains("rekindle.toml:\(line):1:") && failure.contains("result"), "\(failure)")
        #expect(daemon.log.contains("rekindle.toml:\(line):1:"))
        #expect(try daemon.metric("rekindle_reloads_total", #"result="refused""#) == 1)
        try site.sql(#"UPDATE items SET version = 5 WHERE id = 1; NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("5") { site.cli("GET", "items:1") }
        #expect(daemon.readiness == 200)

        try daemon.configure(DaemonConfiguration("[regions.\n"))
        daemon.signal(SIGHUP)
        try daemon.eventually(2) { try daemon.metric("rekindle_reloads_total", #"result="refused""#) }
        try daemon.reload(DaemonConfiguration(Self.items))
        #expect(try daemon.status()["reload_failure"] == nil)
        #expect(daemon.readiness == 200, "\(daemon.log)")
    }

    @Test func changedSQLRefreshesTheRegion() throws {
        let site = try site()
        let daemon = try site.daemon(Self.items + Self.prices)
        #expect(site.cli("GET", "prices:1") == "10")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("1") { site.cli("GET", "items:1") }
        try daemon.reload(
            DaemonConfiguration(
                Self.items.replacing("SELECT version", with: "SELECT -version")
                    + Self.prices.replacing("version * 10", with: "version * 100")))
        try daemon.eventually("100") { site.cli("GET", "prices:1") }
        try daemon.eventually("200") { site.cli("GET", "prices:2") }
        try daemon.eventually("-1") { site.cli("GET", "items:1") }
        try site.sql("UPDATE items SET version = 4 WHERE id = 1")
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY priced, '{"id":1}'"#)
        try daemon.eventually("-4") { site.cli("GET", "items:1") }
        try daemon.eventually("400") { site.cli("GET", "prices:1") }
    }

    @Test func aReloadDuringTheStartDoesNotMakeItReady() throws {
        let site = try site()
        let blocker = try site.session()
        try blocker.run("BEGIN; LOCK TABLE items")
        let daemon = try site.start(DaemonConfiguration(Self.items + Self.prices))
        try daemon.eventually(503) { daemon.readiness }
        try daemon.eventually("true") { try daemon.status()["connections.redis.up"] }
        daemon.signal(SIGHUP)
        try daemon.eventually(1) { try daemon.metric("rekindle_reloads_total", #"result="applied""#) }
        try daemon.eventually("starting") { try daemon.status()["state"] }
        #expect(daemon.readiness == 503)
        #expect(!daemon.log.contains(" notice ready"))
        try blocker.run("COMMIT")
        try daemon.waitUntilReady()
        try daemon.eventually("ready") { try daemon.status()["state"] }
        #expect(site.cli("GET", "prices:1") == "10", "\(daemon.log)")
    }

    @Test func anotherFormatRewritesEveryKey() throws {
        let site = try site()
        let priced = Self.prices.replacing("result = \"scalar\"", with: "result = \"row\"")
        let hashed = priced.replacing(
            "prefix = \"prices:\"", with: "prefix = \"prices:\"\nformat = \"hash\"\nttl = \"1h\"")
        let daemon = try site.daemon(priced.replacing("version * 10", with: "version"))
        #expect(site.cli("GET", "prices:2") == #"{"version":2}"#)
        try daemon.reload(DaemonConfiguration(hashed.replacing("version * 10", with: "version")))
        try daemon.eventually(["1", "2"]) {
            [site.cli("HGET", "prices:1", "version"), site.cli("HGET", "prices:2", "version")]
        }
        #expect(Int(site.cli("TTL", "prices:2")).map { $0 > 3500 } == true)
        try daemon.reload(DaemonConfiguration(priced.replacing("version * 10", with: "version")))
        try daemon.eventually(#"{"version":2}"#) { site.cli("GET", "prices:2") }
        try daemon.eventually("-1") { site.cli("TTL", "prices:2") }
    }

    @Test func anotherRedisIsFilledAnew() throws {
        let site = try site()
        let other = try RedisServer.start()
        let daemon = try site.daemon(Self.items + Self.prices)
        var configuration = DaemonConfiguration(Self.items + Self.prices)
        configuration.redisURL = other.url
        try daemon.reload(configuration)
        try daemon.eventually("20") { other.cli("GET", "prices:2") }
        try site.sql(#"UPDATE items SET version = 3 WHERE id = 1; NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("3") { other.cli("GET", "items:1") }
        #expect(site.cli("EXISTS", "items:1") == "0", "\(daemon.log)")
    }

    @Test func aFileThatDidNotChangeDisturbsNothing() throws {
        let site = try site()
        let daemon = try site.daemon(Self.items)
        let sessions = """
            SELECT string_agg(pid::text, ' ' ORDER BY pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'rekindle %'
            """
        // The listener, the lease and two workers; what the start needed besides is gone.
        try daemon.eventually(4) { try site.sql(sessions).split(separator: " ").count }
        let before = try site.sql(sessions)
        let statements = try daemon.metric("rekindle_statements_total")
        for _ in 1...5 { try daemon.reload(DaemonConfiguration(Self.items)) }
        #expect(try daemon.metric("rekindle_statements_total") == statements)
        try site.sql(#"NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("2") { site.cli("GET", "items:2") }
        #expect(try site.sql(sessions) == before)
        #expect(try daemon.metric("rekindle_connects_total") == 4, "\(daemon.log)")
    }
}
