import Glibc
import TestDaemon
import TestServers
import Testing

/// Another server takes over, with less than the one before had committed.
@Suite("Failover", .serialized)
struct FailoverTests {
    @Test("Postgres: a standby that never got the last commits is promoted; their values are replaced")
    func postgresLosesItsTail() throws {
        let site = try Site.shop(items: 100, ownPostgres: true)
        let standby = try site.postgres.standby(follows: false)
        let url = standby.url(database: site.databaseName)
        let daemon = try site.daemon(configuration(site, [site.postgres, standby]))
        // Never shipped: the failover loses it, and the transaction ids of it are given out again.
        try site.session().run("DO $$ BEGIN FOR i IN 1..1000 LOOP UPDATE items SET v = v + 1; COMMIT; END LOOP; END $$")
        try site.sql("UPDATE items SET v = v + 1000; INSERT INTO items VALUES (101, 'lost')")
        try daemon.converges(on: site)
        // This one's token is of now, and must not be above those of the next server.
        daemon.kill()
        let second = try site.daemon(configuration(site, [site.postgres, standby]))
        let before = try #require(try second.status()["connections.lease.token"])
        site.postgres.stop(immediate: true)
        try second.eventually(503) { try second.answer("/healthz").status }
        try standby.promote()
        try second.converges(on: site, url: url, within: .seconds(30))
        try second.eventually(200, within: .seconds(20)) { try second.answer("/healthz").status }
        second.kill()
        let third = try site.daemon(configuration(site, [site.postgres, standby]))
        let after = try #require(try third.status()["connections.lease.token"])
        #expect(before.hasPrefix("00000001") && after.hasPrefix("00000002"), "the timeline rises: \(before), \(after)")
        #expect(before < after && before.count == after.count)
        #expect(before.dropFirst(8) > after.dropFirst(8), "the transaction id alone would not do")
        _ = try standby.sql("UPDATE items SET v = v + 1", url: url)
        try third.converges(on: site, url: url)
        try third.eventually(200, within: .seconds(20)) { try third.answer("/healthz").status }
    }

    @Test(
        "Postgres: the only server is a hot standby; the daemon says so, works not by half, and goes on once it is promoted"
    )
    func postgresIsAStandby() throws {
        let site = try Site.shop(items: 100, ownPostgres: true)
        let standby = try site.postgres.standby(follows: true)
        let url = standby.url(database: site.databaseName)
        let daemon = try site.start(configuration(site, [standby], session: "any"))
        try daemon.eventually { daemon.readiness != nil }
        try daemon.eventually { try daemon.answer("/healthz").text.contains("hot standby") }
        try site.sql("UPDATE items SET v = v + 1")
        let lines = daemon.log.split(separator: "\n").count
        #expect(try daemon.processorShare(of: .seconds(2)) < 0.15)
        #expect(daemon.log.split(separator: "\n").count < lines + 20)
        let health = try daemon.answer("/healthz")
        #expect(health.status == 503 && daemon.readiness == 503)
        #expect(site.cli("DBSIZE") == "0", "nothing is written")
        #expect(!daemon.log.contains("listening") && !daemon.log.contains("notice owner"))
        site.postgres.stop(immediate: true)
        try standby.promote()
        try daemon.converges(on: site, url: url, within: .seconds(30))
        try daemon.eventually(200, within: .seconds(20)) { try daemon.answer("/healthz").status }
    }

    @Test("Redis: a replica that never got the last writes takes over; every region is filled again")
    func redisLosesItsTail() throws {
        let primary = try RedisServer.start(.init(listensOnTCP: true))
        // The site's server is the replica that takes over.
        let site = try Site.shop(items: 100)
        site.cli("REPLICAOF", "127.0.0.1", String(try #require(primary.port)))
        try eventually { site.cli("INFO", "replication").contains("master_link_status:up") }
        var configuration = DaemonConfiguration(Shop.body)
        configuration.redisURL = primary.url
        let daemon = try site.daemon(configuration)
        try daemon.converges(on: site)
        // Promoted while nobody looks: what is written from now on is lost with the former primary.
        site.cli("REPLICAOF", "NO", "ONE")
        try site.sql("UPDATE items SET v = v + 1; DELETE FROM items WHERE id > 90")
        try daemon.eventually { primary.cli("GET", "items:1").contains("\"v\":1}") }
        try daemon.eventually("0") { primary.cli("EXISTS", "items:100") }
        primary.kill()
        configuration.redisURL = nil
        try daemon.configure(configuration)
        daemon.signal(SIGHUP)
        try daemon.converges(on: site)
        try daemon.eventually(1) { try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") }
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
    }

    private func configuration(
        _ site: Site, _ servers: [PostgresServer], session: String = "read-write"
    ) -> DaemonConfiguration {
        let hosts = servers.map(\.socketFolder).joined(separator: ",")
        var configuration = DaemonConfiguration(Shop.body)
        configuration.postgresURL =
            "postgresql:///\(site.databaseName)?host=\(hosts)&user=postgres&target_session_attrs=\(session)"
        return configuration
    }
}
