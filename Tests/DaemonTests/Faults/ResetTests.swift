import TestDaemon
import TestServers
import Testing

@Suite("Connections are reset", .serialized)
struct ResetTests {
    @Test("in the middle of a result: nothing of it is stored, and it is asked for again")
    func midResult() throws {
        if let obstacle = NetworkNamespace.obstacle { return print("skipped: \(obstacle)") }
        let network = try NetworkNamespace()
        let site = try Site(postgres: .start(in: network))
        // Rows before the third are sent, long as they are, while the third is waited for.
        try site.sql(
            """
            CREATE TABLE big (id int); INSERT INTO big SELECT generate_series(1, 5);
            CREATE FUNCTION slow(id int) RETURNS text LANGUAGE plpgsql AS $$
            BEGIN
                IF id = 3 THEN PERFORM pg_sleep(2); END IF;
                RETURN repeat('x', 300000);
            END $$
            """)
        var configuration = DaemonConfiguration(
            """
            [regions.big]
            prefix = "big:"
            [queries.big]
            region = "big"
            params = ["id"]
            result = "scalar"
            sql = "SELECT slow(id) FROM big WHERE id = $1"
            [channels.big]
            payload = "text"
            refresh = [{ query = "big" }]
            """)
        configuration.postgres = "workers = 1"
        configuration.postgresURL = "postgresql://postgres@127.0.0.1/\(site.databaseName)?sslmode=disable"
        let daemon = try site.daemon(configuration, .init(launcher: network.launcher))
        try site.sql("SELECT pg_notify('big', n::text) FROM generate_series(1, 5) n")
        let sleeper = """
            SELECT client_port FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
            ORDER BY backend_start DESC LIMIT 1
            """
        for _ in 1...2 {
            let port = try eventually {
                try site.sql(sleeper)
            } where: {
                !$0.isEmpty
            }
            #expect(try stored(site) == 0)
            try network.reset(port: try #require(Int(port)))
            try eventually { try site.sql(sleeper) != port }
        }
        try daemon.eventually(5) { try stored(site) }
        for id in 1...5 { #expect(site.cli("STRLEN", "big:\(id)") == "300002", "with its quotes") }
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"listener\"") == 0, "the listener was not hit")
    }

    /// How many keys are stored.
    private func stored(_ site: Site) throws -> Int {
        try site.redisClient().command("KEYS", "big:*").list.count
    }
}
