import Glibc
import TestDaemon
import TestServers
import Testing

@Suite("The daemon crashes", .serialized)
struct CrashTests {
    @Test("kill -9 in the middle of bursts, again and again")
    func killedInBursts() throws {
        let site = try Site.shop(items: 5_000)
        var daemon = try site.daemon(Shop.body)
        let observer = try Observer(site, items: 200)
        for _ in 1...4 {
            try site.sql("UPDATE items SET v = v + 1")
            // Somewhere within the burst: once its first keys are stored.
            try daemon.eventually {
                try site.differences().contains("differ") == false || daemon.metric("rekindle_stored_total") > 0
            }
            daemon.kill()
            try site.sql(
                "UPDATE items SET v = v + 1 WHERE id % 7 = 0; DELETE FROM items WHERE id IN (SELECT max(id) FROM items)"
            )
            daemon = try site.daemon(Shop.body)
        }
        try daemon.converges(on: site)
        let seen = observer.stop()
        #expect(seen.rounds > 0 && seen.steps == [])
    }

    @Test("of two daemons of one name the second waits, and takes over")
    func standby() throws {
        let site = try Site.shop(items: 200)
        let owner = try site.daemon(Shop.body)
        let second = try site.start(.init(Shop.body))
        try second.eventually { (try? second.status()["connections.lease.standby"]) == "true" }
        #expect(try second.answer("/healthz").text.contains("standby"))
        #expect(second.readiness == 503)
        #expect(try owner.answer("/healthz").status == 200)
        let observer = try Observer(site, items: 200)
        let writers = try Writers(site, items: 200)
        try site.writes(100)
        owner.kill()
        try second.waitUntilReady(within: .seconds(10))
        try site.writes(100)
        writers.stop()
        try second.converges(on: site)
        try second.eventually(200) { try second.answer("/healthz").status }
        #expect(observer.stop().steps == [])
    }

    @Test("an owner that loses its lease to a standby writes nothing any more")
    func fenced() throws {
        let site = try Site.shop(items: 200)
        let first = try site.daemon(Shop.body)
        let second = try site.start(.init(Shop.body))
        try second.eventually { (try? second.status()["connections.lease.standby"]) == "true" }
        let observer = try Observer(site, items: 200)
        let writers = try Writers(site, items: 200)
        // Stopped, so that it can not take its lease again before the standby does.
        first.signal(SIGSTOP)
        try site.sql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_stat_activity USING (pid)
            WHERE locktype = 'advisory' AND granted AND datname = current_database()
            """)
        try second.waitUntilReady()
        try site.writes(100)
        first.signal(SIGCONT)
        try first.eventually(within: .seconds(20)) { try first.status()["connections.lease.standby"] == "true" }
        try site.writes(100)
        writers.stop()
        try second.converges(on: site)
        #expect(observer.stop().steps == [])
        #expect(try first.answer("/healthz").status == 503)
        #expect(try second.answer("/healthz").status == 200)
    }
}
