import TestDaemon
import TestServers
import Testing

/// One culprit stops nobody else, is named, and recovers once its cause is gone.
@Suite("Faults are contained", .serialized)
struct ContainmentTests {
    /// A second query beside the shop's, of a region of its own, on the channel `others`.
    private func with(_ sql: String, postgres: String = "") -> DaemonConfiguration {
        var configuration = DaemonConfiguration(
            Shop.body + """

                [regions.others]
                [queries.other]
                region = "others"
                params = ["id"]
                sql = "\(sql)"
                [channels.others]
                payload = "text"
                refresh = [{ query = "other" }]
                """)
        configuration.postgres = postgres
        return configuration
    }

    /// Whether an update of the shop reaches the cache, now.
    private func shopLives(_ site: Site, _ daemon: RunningDaemon, at place: SourceLocation = #_sourceLocation) throws {
        try site.sql("UPDATE items SET v = v + 1 WHERE id <= 3")
        try daemon.converges(on: site, within: .seconds(3), at: place)
    }

    @Test("one poison key is parked, the others of its batch are stored")
    func poisonKey() throws {
        let site = try Site.shop(items: 100)
        try site.sql(
            "CREATE TABLE others (id int, d int); INSERT INTO others SELECT n, n - 42 FROM generate_series(1, 100) n")
        let daemon = try site.daemon(with("SELECT id, 1000 / d AS part FROM others WHERE id = $1"))
        try site.sql("SELECT pg_notify('others', n::text) FROM generate_series(1, 100) n")
        try daemon.eventually("99") { site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0") }
        try daemon.eventually("others:42") { try daemon.status()["parked.keys.0.key"] }
        let status = try daemon.status()
        #expect(status["parked.total"] == "1")
        #expect(status["parked.keys.0.query"] == "other")
        #expect(status["parked.keys.0.failure"]?.contains("22012") == true)
        #expect(try daemon.metric("rekindle_parked_keys") == 1)
        #expect(daemon.log.contains("key parked"))
        #expect(try daemon.answer("/healthz").status == 200)
        try shopLives(site, daemon)
        // No notification: the next attempt finds it mended.
        try site.sql("UPDATE others SET d = 10 WHERE id = 42")
        try daemon.eventually("{\"id\":42,\"part\":100}", within: .seconds(20)) { site.cli("GET", "others:42") }
        try daemon.eventually(0) { try daemon.metric("rekindle_parked_keys") }
    }

    @Test("batches that wait behind one that fails are stored")
    func poisonInABurst() throws {
        let site = try Site.shop(items: 100)
        try site.sql(
            """
            CREATE TABLE others (id int PRIMARY KEY, d int);
            INSERT INTO others SELECT n, CASE WHEN n IN (3000, 3001, 7000) THEN 0 ELSE n END
            FROM generate_series(1, 8000) n
            """)
        let daemon = try site.daemon(
            with("SELECT id, 8000 / d AS part FROM others WHERE id = $1", postgres: "workers = 1"))
        try site.sql("SELECT count(pg_notify('others', n::text)) FROM generate_series(1, 8000) n")
        try daemon.eventually("7997") { site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0") }
        try daemon.eventually("3") { try daemon.status()["parked.total"] }
        try shopLives(site, daemon)
    }

    @Test("a poison row does not keep the warm statement from filling the other keys")
    func poisonInWarm() throws {
        let site = try Site.shop(items: 100)
        try site.sql(
            "CREATE TABLE others (id int, d int); INSERT INTO others SELECT n, n - 300 FROM generate_series(1, 2000) n")
        var configuration = with("SELECT id, 1000000 / d AS part FROM others WHERE id = $1")
        configuration.body = configuration.body.replacing(
            "[channels.others]", with: "warm = \"SELECT id FROM others\"\n[channels.others]")
        let daemon = try site.daemon(configuration)
        try daemon.eventually("1999") { site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0") }
        try daemon.eventually("others:300") { try daemon.status()["parked.keys.0.key"] }
        #expect(try daemon.status().named("other", in: "queries", "warm_failure")?.contains("22012") == true)
        try site.sql("UPDATE others SET d = 1 WHERE id = 300")
        try daemon.eventually("{\"id\":300,\"part\":1000000}", within: .seconds(20)) { site.cli("GET", "others:300") }
    }

    @Test("a column is dropped while the query runs, and comes back")
    func brokenQuery() throws {
        let site = try Site.shop(items: 100)
        try site.sql(
            "CREATE TABLE others (id int, name text); INSERT INTO others SELECT n, 'n' || n FROM generate_series(1, 100) n"
        )
        let daemon = try site.daemon(with("SELECT id, name FROM others WHERE id = $1"))
        try site.sql("SELECT pg_notify('others', '1')")
        try daemon.eventually("{\"id\":1,\"name\":\"n1\"}") { site.cli("GET", "others:1") }
        try site.sql("ALTER TABLE others DROP COLUMN name")
        try site.sql("SELECT pg_notify('others', n::text) FROM generate_series(1, 100) n")
        try daemon.eventually {
            try daemon.status().named("other", in: "queries", "failure")?.contains("42703") == true
        }
        #expect(try daemon.metric("rekindle_query_paused", "query=\"other\"") == 1)
        #expect(try daemon.metric("rekindle_query_failures_total", "query=\"other\"") >= 1)
        #expect(site.cli("GET", "others:1") == "{\"id\":1,\"name\":\"n1\"}", "the last good value stays")
        #expect(try daemon.answer("/healthz").status == 200)
        try shopLives(site, daemon)
        #expect(try daemon.processorShare(of: .seconds(1)) < 0.15)
        try site.sql("ALTER TABLE others ADD COLUMN name text DEFAULT 'back'")
        try daemon.eventually("{\"id\":1,\"name\":\"back\"}", within: .seconds(20)) { site.cli("GET", "others:1") }
        try daemon.eventually("100", within: .seconds(20)) {
            site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0")
        }
        try daemon.eventually { try daemon.status().named("other", in: "queries", "failure") == nil }
    }

    @Test("a query that can not run at the start does not hold back the others")
    func brokenAtStart() throws {
        let site = try Site.shop(items: 100)
        let daemon = try site.daemon(with("SELECT id, name FROM others WHERE id = $1"))
        try daemon.eventually {
            try daemon.status().named("other", in: "queries", "failure")?.contains("42P01") == true
        }
        try shopLives(site, daemon)
        try site.sql("SELECT pg_notify('others', '1')")
        try site.sql("CREATE TABLE others (id int, name text); INSERT INTO others VALUES (1, 'one')")
        try daemon.eventually("{\"id\":1,\"name\":\"one\"}", within: .seconds(20)) { site.cli("GET", "others:1") }
    }

    @Test("a statement that asks to be tried again is tried again slowly")
    func retryable() throws {
        let site = try Site.shop(items: 100)
        try site.sql(
            """
            CREATE FUNCTION shaky(id int) RETURNS int LANGUAGE plpgsql AS $$
            BEGIN
                IF id = 42 THEN RAISE SQLSTATE '40001' USING MESSAGE = 'try again'; END IF;
                RETURN id;
            END $$
            """)
        let daemon = try site.daemon(with("SELECT shaky($1) AS id"))
        try site.sql("SELECT pg_notify('others', n::text) FROM generate_series(40, 45) n")
        #expect(try daemon.processorShare(of: .seconds(2)) < 0.15, "it must not spin")
        try shopLives(site, daemon)
        try daemon.eventually("5", within: .seconds(20)) {
            site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0")
        }
        try daemon.eventually { try daemon.status()["parked.keys.0.failure"]?.contains("40001") == true }
        try site.sql("CREATE OR REPLACE FUNCTION shaky(id int) RETURNS int LANGUAGE sql AS 'SELECT id'")
        try daemon.eventually("{\"id\":42}", within: .seconds(20)) { site.cli("GET", "others:42") }
    }

    @Test("a slow key times out alone")
    func slowKey() throws {
        let site = try Site.shop(items: 100)
        try site.sql(
            "CREATE TABLE others (id int, pause float); INSERT INTO others SELECT n, 0 FROM generate_series(1, 8) n")
        try site.sql("UPDATE others SET pause = 5 WHERE id = 3")
        let daemon = try site.daemon(
            with(
                "SELECT id, pg_sleep(pause)::text AS nap FROM others WHERE id = $1",
                postgres: "statement_timeout = \"200ms\""))
        try site.sql("SELECT pg_notify('others', n::text) FROM generate_series(1, 8) n")
        try shopLives(site, daemon)
        try daemon.eventually("7", within: .seconds(30)) {
            site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0")
        }
        try daemon.eventually("others:3", within: .seconds(20)) { try daemon.status()["parked.keys.0.key"] }
        #expect(try daemon.status()["parked.keys.0.failure"]?.contains("57014") == true)
        try site.sql("UPDATE others SET pause = 0 WHERE id = 3")
        try daemon.eventually("1", within: .seconds(20)) { site.cli("EXISTS", "others:3") }
    }

    @Test("a locked table holds up its own query only")
    func lockedTable() throws {
        let site = try Site.shop(items: 100)
        try site.sql("CREATE TABLE others (id int); INSERT INTO others SELECT generate_series(1, 50)")
        let daemon = try site.daemon(
            with("SELECT id FROM others WHERE id = $1", postgres: "workers = 2\nstatement_timeout = \"10s\""))
        let session = try site.session()
        try session.run("BEGIN; LOCK TABLE others IN ACCESS EXCLUSIVE MODE")
        try site.sql("SELECT pg_notify('others', n::text) FROM generate_series(1, 50) n")
        for _ in 1...5 { try shopLives(site, daemon) }
        try session.run("COMMIT")
        try daemon.eventually("50", within: .seconds(20)) {
            site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0")
        }
    }

    @Test("a table that is locked at the start, or when workers reconnect, holds up its own query only")
    func lockedAtConnect() throws {
        let site = try Site.shop(items: 100)
        try site.sql("CREATE TABLE others (id int); INSERT INTO others SELECT generate_series(1, 50)")
        let session = try site.session()
        try session.run("BEGIN; LOCK TABLE others IN ACCESS EXCLUSIVE MODE")
        let daemon = try site.start(with("SELECT id FROM others WHERE id = $1", postgres: ""))
        try daemon.waitUntilReady(within: .seconds(10))
        try shopLives(site, daemon)
        try site.terminateDaemonSessions()
        try daemon.eventually { try daemon.metric("rekindle_gaps_total", "cause=\"listener\"") == 1 }
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site, within: .seconds(8))
        try session.run("COMMIT")
        try site.sql("SELECT pg_notify('others', n::text) FROM generate_series(1, 50) n")
        try daemon.eventually("50", within: .seconds(20)) {
            site.cli("EVAL", "return #redis.call('KEYS', 'others:*')", "0")
        }
    }
}
