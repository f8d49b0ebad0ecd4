import Glibc
import TestDaemon
import TestServers
import Testing

/// Postgres is there, and does not do what is asked of it.
@Suite("Postgres refuses or stalls", .serialized)
struct PostgresFaultTests {
    /// A role that may read the shop, and a daemon that is to enter as this role.
    private func asRole(_ site: Site) throws -> DaemonConfiguration {
        try site.sql("CREATE ROLE app LOGIN; GRANT SELECT ON items TO app")
        var configuration = DaemonConfiguration(Shop.body)
        configuration.postgresURL = site.databaseURL.replacing("user=postgres", with: "user=app")
        return configuration
    }

    @Test("too many clients: the attempts are few, and all is well once there is room")
    func tooManyClients() throws {
        let site = try Site(postgres: .start(settings: ["max_connections=10", "log_connections=on"]))
        try site.sql(Shop.schema(items: 100))
        let configuration = try asRole(site)
        let url = try #require(configuration.postgresURL)
        // Three of the ten are for superusers.
        var sessions = try (1...7).map { _ in try SQLSession(url: url) }
        for session in sessions { try session.run("SELECT 1") }
        let daemon = try site.start(configuration)
        try daemon.eventually { daemon.readiness != nil }
        try daemon.eventually { try daemon.answer("/healthz").text.contains("53300") }
        #expect(try daemon.answer("/healthz").status == 503)
        let before = attempts(site)
        #expect(try daemon.processorShare(of: .seconds(4)) < 0.15)
        let count = attempts(site) - before
        print("too many clients: \(count) attempts in 4 s")
        #expect((1...30).contains(count))
        sessions = []
        try daemon.waitUntilReady(within: .seconds(30))
        try daemon.converges(on: site)
        try daemon.eventually(200, within: .seconds(20)) { try daemon.answer("/healthz").status }
    }

    /// How often somebody has tried to connect.
    private func attempts(_ site: Site) -> Int {
        site.postgres.log.split(separator: "\n").count { $0.contains("connection received") }
    }

    @Test("rights are taken away, of the table and of the whole database, and given back")
    func revoked() throws {
        let site = try Site.shop(items: 50)
        let daemon = try site.daemon(try asRole(site))
        try site.sql("REVOKE SELECT ON items FROM app")
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.eventually {
            try daemon.status().named("item", in: "queries", "failure")?.contains("42501") == true
        }
        try site.sql("GRANT SELECT ON items TO app")
        try daemon.converges(on: site)
        let name = site.databaseName
        try site.sql("REVOKE CONNECT ON DATABASE \(name) FROM PUBLIC")
        try site.terminateDaemonSessions()
        try daemon.eventually { try daemon.answer("/healthz").text.contains("permission denied for database") }
        #expect(try daemon.answer("/healthz").status == 503)
        try site.sql("UPDATE items SET v = v + 1")
        try site.sql("GRANT CONNECT ON DATABASE \(name) TO app")
        try daemon.converges(on: site)
        try daemon.eventually(200, within: .seconds(20)) { try daemon.answer("/healthz").status }
    }

    @Test("a worker's server process is frozen: the client's own deadline frees the worker, the other goes on")
    func frozenBackend() throws {
        let site = try Site.shop(items: 100, ownPostgres: true)
        var configuration = DaemonConfiguration(Shop.body)
        configuration.postgres = "workers = 2\nstatement_timeout = \"500ms\""
        let daemon = try site.daemon(configuration)
        let process = try site.sql(
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'rekindle worker 1'")
        let frozen = try #require(pid_t(process))
        kill(frozen, SIGSTOP)
        // Neither a cancel nor a terminate would reach it.
        defer { kill(frozen, SIGKILL) }
        let begin = ContinuousClock.now
        let session = try site.session()
        let client = try site.redisClient()
        // The frozen process takes one batch; the keys of all others are stored at once.
        var stored = 0
        for id in 1...50 {
            try session.run("UPDATE items SET v = v + 1 WHERE id = \(id)")
            let value = { try client.command("GET", "items:\(id)").text?.contains("\"v\":1}") == true }
            if (try? eventually(within: .seconds(2), value)) != nil { stored += 1 }
        }
        #expect(stored >= 48, "the other worker goes on")
        try daemon.converges(on: site, within: .seconds(20))
        print("frozen server process: all right after \((ContinuousClock.now - begin).milliseconds) ms")
        // The worker has a new session.
        try daemon.eventually(within: .seconds(20)) {
            try daemon.metric("rekindle_connects_total", "kind=\"worker\"") >= 3
        }
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"listener\"") == 0)
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
    }
}
