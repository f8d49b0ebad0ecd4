import RefreshService
import TestDaemon
import TestServers
import Testing

/// The sampler finds what is wrong, repairs it, and accuses nothing that is only young.
struct SamplerTests {
    /// On a busy machine a sample takes longer, and so the next one comes later.
    private static let patience = Duration.seconds(60)

    private static func configuration(
        _ region: String = "", query: String = "sql = \"SELECT id, name FROM items WHERE id = $1\"",
        interval: String = "10ms", delays: String = "\"50ms\", \"150ms\""
    ) -> DaemonConfiguration {
        var configuration = DaemonConfiguration(
            """
            [regions.items]
            \(region)
            [queries.item]
            region = "items"
            params = ["id"]
            \(query)
            warm = "SELECT id FROM items"
            [channels.changed]
            payload = "text"
            refresh = [{ query = "item" }]
            """)
        configuration.sampler = "interval = \"\(interval)\"\ndelays = [\(delays)]"
        return configuration
    }

    private static func site(_ count: Int = 20) throws -> Site {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); "
                + "INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, \(count)) i")
        return site
    }

    private static func count(_ daemon: RunningDaemon, _ result: String) throws -> Double {
        try daemon.metric("rekindle_sampled_total", "result=\"\(result)\"")
    }

    static let formats: [(format: String, query: String, foreign: [String])] = [
        ("json", "sql = \"SELECT id, name FROM items WHERE id = $1\"", ["SET", "items:3", "{}"]),
        (
            "dogpile", "sql = \"SELECT id, name FROM items WHERE id = $1\"",
            ["SET", "items:3", "{\"ct\": 1, \"v\": 2}|1"]
        ),
        ("hash", "sql = \"SELECT id, name FROM items WHERE id = $1\"", ["HSET", "items:3", "name", "other"]),
        ("text", "sql = \"SELECT name FROM items WHERE id = $1\"\nresult = \"scalar\"", ["SET", "items:3", "other"]),
        ("json", "sql = \"SELECT id, name FROM items WHERE id = $1\"", ["RPUSH", "items:3", "of another type"]),
    ]

    @Test(arguments: formats) func aForeignWriteIsFoundCountedAndRepaired(
        format: String, query: String, foreign: [String]
    ) throws {
        let site = try Self.site(6)
        let daemon = try site.daemon(Self.configuration("format = \"\(format)\"\nttl = \"1h\"", query: query))
        let kind = format == "hash" ? "HGETALL" : "GET"
        func value() -> String { site.cli(kind, "items:3").split(separator: "|").last.map(String.init) ?? "" }
        let before = value()
        try daemon.eventually(within: Self.patience) { try Self.count(daemon, "right") > 20 }
        #expect(try Self.count(daemon, "late") == 0 && Self.count(daemon, "wrong") == 0)
        if foreign[0] == "RPUSH" { site.cli("DEL", "items:3") }
        site.redis.cli(foreign)
        #expect(value() != before)
        try daemon.eventually(before, within: Self.patience) { value() }
        #expect(try Self.count(daemon, "wrong") == 1)
        #expect(daemon.log.contains("sampler: key is not as its query says"))
        #expect(daemon.log.contains("key=3"))
        let share = try daemon.metric("rekindle_sampled_right_share", "region=\"items\"")
        #expect(share < 1 && share > 0)
        let state = try daemon.status()
        func sampled(_ member: String) -> Double {
            state.named("items", in: "regions", "sampled.\(member)").flatMap(Double.init) ?? .nan
        }
        // On a busy machine some were late.
        #expect(sampled("wrong") == 1)
        let wrong = sampled("wrong") + sampled("late")
        #expect(abs(sampled("right_share") - (1 - wrong / sampled("samples"))) < 0.001, "\(state)")
        let status = try Command.rekindle("status", "--socket", daemon.socketPath)
        #expect(status.output.contains(" % of "), "\(status.output)")
        #expect(try daemon.metric("rekindle_sampled_age_seconds_count", "region=\"items\"") > 20)
    }

    @Test func aChangeThatNobodyWasToldOfIsFoundAndRepaired() throws {
        let site = try Self.site(8)
        let daemon = try site.daemon(Self.configuration())
        try daemon.eventually(within: Self.patience) { try Self.count(daemon, "right") > 10 }
        try site.sql("UPDATE items SET name = 'unheard' WHERE id IN (4, 5); DELETE FROM items WHERE id = 6")
        try daemon.eventually(#"{"id":4,"name":"unheard"}"#, within: Self.patience) { site.cli("GET", "items:4") }
        try daemon.eventually(#"{"id":5,"name":"unheard"}"#, within: Self.patience) { site.cli("GET", "items:5") }
        try daemon.eventually("0", within: Self.patience) { site.cli("EXISTS", "items:6") }
        #expect(try Self.count(daemon, "wrong") == 3)
    }

    /// Every row changes, back and forth, all the time; what is read is often old, and never wrong.
    @Test func underLoadNothingIsAccused() throws {
        let site = try Self.site()
        try site.sql(
            """
            CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_notify('changed', NEW.id::text); RETURN NULL; END $$;
            CREATE TRIGGER tell AFTER UPDATE ON items FOR EACH ROW EXECUTE FUNCTION tell();
            """)
        let daemon = try site.daemon(Self.configuration(delays: "\"10ms\", \"30ms\""))
        let writer = try site.session()
        let begin = ContinuousClock.now
        repeat {
            // Some 1,000 events a second: fifty transactions of twenty rows, each of which flips.
            _ = try writer.run(
                """
                DO $$ BEGIN FOR i IN 1..100 LOOP
                UPDATE items SET name = CASE name WHEN 'a' THEN 'b' ELSE 'a' END; COMMIT; PERFORM pg_sleep(0.018);
                END LOOP; END $$
                """)
        } while try Self.count(daemon, "right") + Self.count(daemon, "late") < 200
            && ContinuousClock.now - begin < Self.patience
        #expect(try daemon.metric("rekindle_notifications_total", "channel=\"changed\"") >= 1_900)
        #expect(try Self.count(daemon, "late") > 0, "some were looked at while their event was on the way")
        #expect(try Self.count(daemon, "wrong") == 0, "\(daemon.log)")
        #expect(!daemon.log.contains("sampler:"))
    }

    @Test(arguments: ["random()", "clock_timestamp()", "now()"]) func aVolatileQueryIsLeftOutAndSaidSoOnce(
        expression: String
    ) throws {
        let site = try Self.site()
        let daemon = try site.daemon(
            Self.configuration(query: "sql = \"SELECT id, \(expression) FROM items WHERE id = $1\""))
        try daemon.eventually(within: Self.patience) {
            daemon.log.contains("sampler: query gives another result each time it runs")
        }
        let stored = try daemon.metric("rekindle_stored_total")
        let begin = ContinuousClock.now
        try eventually { ContinuousClock.now - begin > .seconds(1) }
        #expect(daemon.log.split(separator: "\n").count { $0.contains("sampler:") } == 1)
        #expect(try Self.count(daemon, "wrong") == 0)
        #expect(try daemon.metric("rekindle_stored_total") == stored, "nothing was repaired")
    }

    /// Rows without an order may come in another one where a query runs for many keys.
    @Test func rowsInNoOrderAreNotAccused() throws {
        let site = try Self.site()
        let order = "ORDER BY id * (CASE WHEN current_query() LIKE '%unne' || 'st(%' THEN 1 ELSE -1 END)"
        let daemon = try site.daemon(
            Self.configuration(
                query: "sql = \"SELECT id FROM items WHERE id / 10 = $1 / 10 \(order)\"\nresult = \"rows\""))
        try site.sql("SELECT pg_notify('changed', id::text) FROM items")
        try daemon.eventually(within: Self.patience) {
            site.cli("GET", "items:15").hasPrefix(#"[{"id":10},{"id":11},"#)
        }
        let right = try Self.count(daemon, "right")
        try daemon.eventually(within: Self.patience) { try Self.count(daemon, "right") > right + 20 }
        #expect(try Self.count(daemon, "wrong") == 0)
        #expect(site.cli("GET", "items:15").hasPrefix(#"[{"id":10},"#))
    }

    /// Its own looks would keep alive what nobody reads.
    @Test func whatTheSamplerReadsIsNotRead() throws {
        let site = try Self.site(10)
        let daemon = try site.daemon(
            Self.configuration(
                "ttl = \"9s\"\nstale_after = \"5s\"\nrefresh_ahead = \"2s\"\nkeep = \"while_read\""))
        try daemon.eventually(within: Self.patience) { try Self.count(daemon, "right") > 50 }
        try daemon.eventually("", within: Self.patience) { site.cli("KEYS", "items:*") }
        #expect(try daemon.metric("rekindle_refreshed_ahead_total") == 0)
    }

    @Test func itIsCheapAndTurnedOffItSleeps() throws {
        let site = try Self.site(1_000)
        var configuration = Self.configuration(interval: "1s", delays: "\"1s\"")
        configuration.service = "heartbeat = \"10s\""
        let daemon = try site.daemon(configuration)
        try daemon.eventually(within: Self.patience) { try Self.count(daemon, "right") > 1 }
        let (begin, used) = (ContinuousClock.now, daemon.processorSeconds)
        let sampled = try Self.count(daemon, "right")
        try eventually(within: .seconds(20)) { ContinuousClock.now - begin > .seconds(6) }
        let cost = daemon.processorSeconds - used
        #expect(try Self.count(daemon, "right") >= sampled + 4)
        #expect(cost < 0.06, "less than a hundredth of a processor: \(cost) s in 6 s")
        configuration.sampler = "interval = \"0\""
        try daemon.reload(configuration)
        var before = daemon.sleeps
        try eventually(within: .seconds(10)) {
            let begin = ContinuousClock.now
            try eventually { ContinuousClock.now - begin > .seconds(1) }
            defer { before = daemon.sleeps }
            return daemon.sleeps - before <= 1
        }
        let sessions = try site.sql(
            """
            SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE '%sampler' AND datname = current_database()
            """)
        #expect(sessions == "0", "its session is closed")
    }
}
