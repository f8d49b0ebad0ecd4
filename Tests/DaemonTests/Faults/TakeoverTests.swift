import TestDaemon
import TestServers
import Testing

/// Of two instances the owner is killed, again and again, while writers write.
@Suite("A standby takes over", .serialized)
struct TakeoverTests {
    @Test("within a second, without a resync, and without a step back")
    func warm() throws {
        let items = 300
        let site = try Site.shop(items: items)
        var owner = try site.daemon(Shop.body)
        let observer = try Observer(site, items: items)
        let writers = try Writers(site, items: items, perSecond: 300)
        var times: [Duration] = []
        for _ in 1...5 {
            let standby = try site.start(.init(Shop.body))
            // It could go on from where the owner ends.
            try standby.eventually(within: .seconds(20)) { (try? standby.answer("/healthz").status) == 200 }
            #expect(try standby.status()["connections.lease.standby"] == "true")
            try site.writes(100)
            let killed = ContinuousClock.now
            owner.kill()
            try standby.eventually { try standby.metric("rekindle_stored_total") > 0 }
            times.append(ContinuousClock.now - killed)
            try standby.eventually { try standby.metric("rekindle_gap_open") == 0 }
            #expect(try standby.metric("rekindle_resync_keys_total") == 0, "its record was unbroken")
            #expect(try standby.metric("rekindle_gaps_total", "cause=\"takeover\"") == 1)
            #expect(try standby.metric("rekindle_gaps_total") == 2, "its own start and the takeover: \(standby.log)")
            owner = standby
        }
        #expect(writers.isRunning)
        writers.stop()
        try owner.converges(on: site)
        let seen = observer.stop()
        #expect(seen.rounds > 0 && seen.steps == [])
        let sorted = times.sorted()
        print("takeover, from the kill to the first value stored: median \(sorted[2].milliseconds) ms of \(sorted)")
        #expect(sorted[2] < .seconds(1))
    }

    @Test("a standby whose sessions end stands by again")
    func standbyLosesItsSessions() throws {
        let site = try Site.shop(items: 50)
        let owner = try site.daemon(Shop.body)
        let standby = try site.start(.init(Shop.body))
        let isWell = { (try? standby.answer("/healthz"))?.text == "ok: standby\n" }
        try standby.eventually(within: .seconds(20)) { isWell() }
        let before = try standby.status()["standby.covered_since"]
        try site.terminateDaemonSessions()
        // Whichever of the two owns now, the other is its standby, with a record that began anew.
        let both = [owner, standby]
        var waiting = standby
        try standby.eventually(within: .seconds(20)) {
            for daemon in both where (try? daemon.answer("/healthz"))?.text == "ok: standby\n" {
                waiting = daemon
                return try daemon.status()["standby.covered_since"] != before
            }
            return false
        }
        #expect(try waiting.status()["connections.lease.owner"]?.contains("process") == true)
        try site.sql("UPDATE items SET v = v + 1")
        try owner.converges(on: site)
    }
}
