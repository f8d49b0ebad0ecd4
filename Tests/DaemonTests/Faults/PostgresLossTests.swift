import TestDaemon
import TestServers
import Testing

@Suite("Postgres goes away", .serialized)
struct PostgresLossTests {
    @Test("all sessions of the daemon are terminated, again and again, while writers write")
    func terminated() throws {
        let site = try Site.shop(items: 300)
        let daemon = try site.daemon(Shop.body)
        let writers = try Writers(site, items: 300)
        let observer = try Observer(site, items: 300)
        for round in 1...5 {
            try site.writes(100)
            try site.terminateDaemonSessions()
            try daemon.eventually(within: .seconds(20)) {
                try daemon.metric("rekindle_gaps_total", "cause=\"listener\"") >= Double(round)
                    && daemon.metric("rekindle_gap_open") == 0 && daemon.readiness == 200
            }
        }
        #expect(writers.isRunning)
        writers.stop()
        try daemon.converges(on: site)
        let seen = observer.stop()
        #expect(seen.rounds > 0 && seen.steps == [])
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
    }

    @Test("the server crashes and comes back")
    func restarted() throws {
        let site = try Site.shop(items: 200, ownPostgres: true)
        let daemon = try site.daemon(Shop.body)
        for _ in 1...2 {
            let writers = try Writers(site, items: 200)
            try site.writes(50)
            site.postgres.stop(immediate: true)
            writers.stop()
            try daemon.eventually(503) { try daemon.answer("/healthz").status }
            #expect(try daemon.answer("/readyz").text.contains("not listening to Postgres"))
            try site.postgres.start()
            // What changes while nobody listens is found by the resync only.
            try site.sql("UPDATE items SET v = v + 1000")
            try daemon.converges(on: site, within: .seconds(30))
            try daemon.eventually(200) { try daemon.answer("/healthz").status }
        }
        try site.sql("UPDATE items SET v = v + 1; DELETE FROM items WHERE id > 190")
        try daemon.converges(on: site)
    }

    @Test("the server is absent at the start")
    func absentAtStart() throws {
        let site = try Site.shop(items: 50, ownPostgres: true)
        site.postgres.stop()
        let daemon = try site.start(.init(Shop.body))
        try daemon.eventually(503) { daemon.readiness ?? 0 }
        try daemon.eventually { try daemon.answer("/readyz").text.contains("not listening to Postgres: ") }
        try daemon.eventually { daemon.log.contains("listener lost") || daemon.log.contains("listener not connected") }
        #expect(try daemon.answer("/healthz").status == 503)
        #expect(daemon.process.exit == nil)
        try site.postgres.start()
        try daemon.waitUntilReady(within: .seconds(30))
        try daemon.converges(on: site)
    }
}
