import TestDaemon
import TestServers
import Testing

/// A connection pooler between the daemon and Postgres.
@Suite("A pooler stands between", .serialized)
struct PoolerTests {
    @Test("in transaction mode: within two heartbeats health is red and names the pooler", arguments: [1000, 250])
    func transactionMode(heartbeat: Int) throws {
        let site = try Site.shop(items: 50)
        let pooler = try PoolerServer(.transaction, before: site.postgres)
        let daemon = try site.start(configuration(through: pooler, of: site, heartbeat))
        try daemon.eventually { daemon.log.contains(" listening") }
        let begin = ContinuousClock.now
        try daemon.eventually { try daemon.answer("/healthz").text.contains("pooler") }
        let took = ContinuousClock.now - begin
        print("heartbeat \(heartbeat) ms: the pooler is named after \(took.milliseconds) ms")
        #expect(took < .milliseconds(2 * heartbeat + 200))
        // It stays red, whatever notifications the pooler passes on by chance, and names it again.
        let writers = try Writers(site, items: 50, perSecond: 100)
        try daemon.eventually(within: .seconds(20)) {
            let answer = try daemon.answer("/healthz")
            #expect(answer.status == 503, "\(answer.text)")
            let sessions = try daemon.metric("rekindle_connects_total", "kind=\"listener\"")
            return sessions >= 4 && answer.text.contains("pooler")
        }
        writers.stop()
    }

    @Test("in transaction mode: a statement that a former process prepared is never run in place of one's own")
    func statementsOfOthers() throws {
        let site = try Site.shop(items: 20)
        let pooler = try PoolerServer(.transaction, before: site.postgres)
        var configuration = configuration(through: pooler, of: site, 1000)
        configuration.service += "\nready = \"listening\""
        configuration.body = configuration.body.replacing("id, name, v FROM", with: "id, name, v + 1000000 AS v FROM")
        let former = try site.start(configuration)
        try former.eventually { former.readiness != nil }
        try former.eventually { try former.metric("rekindle_stored_total") >= 20 }
        former.kill()
        // Its lease stays with a session of the pooler's.
        try site.sql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND datname = current_database()
            """)
        configuration.body = Shop.body
        let daemon = try site.start(configuration)
        try daemon.converges(on: site)
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
    }

    @Test("in session mode everything works")
    func sessionMode() throws {
        let site = try Site.shop(items: 50)
        let pooler = try PoolerServer(.session, before: site.postgres)
        let daemon = try site.daemon(configuration(through: pooler, of: site, 250))
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        #expect(try daemon.answer("/healthz").status == 200)
    }

    private func configuration(through pooler: PoolerServer, of site: Site, _ heartbeat: Int) -> DaemonConfiguration {
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "heartbeat = \"\(heartbeat)ms\""
        configuration.postgresURL = pooler.url(database: site.databaseName)
        return configuration
    }
}
