import TestDaemon
import TestServers
import Testing

@Suite("Redis goes away", .serialized)
struct RedisLossTests {
    @Test("killed and back without its data, while writers write")
    func restartedEmpty() throws {
        let site = try Site.shop(items: 300)
        let daemon = try site.daemon(Shop.body)
        let writers = try Writers(site, items: 300)
        for _ in 1...3 {
            try site.writes(50)
            try site.redis.restart(keepingData: false)
            try site.writes(50)
        }
        writers.stop()
        try daemon.converges(on: site, within: .seconds(20))
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") >= 1)
    }

    @Test("FLUSHALL is found by the next write")
    func flushed() throws {
        let site = try Site.shop(items: 300)
        let daemon = try site.daemon(Shop.body)
        let writers = try Writers(site, items: 300)
        for _ in 1...3 {
            try site.writes(50)
            site.cli("FLUSHALL")
        }
        writers.stop()
        try site.sql("UPDATE items SET v = v + 1 WHERE id = 1")
        try daemon.converges(on: site)
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") >= 1)
    }

    @Test("FLUSHALL is found without a write by the heartbeat")
    func flushedWhileIdle() throws {
        let site = try Site.shop(items: 300)
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "heartbeat = \"200ms\""
        let daemon = try site.daemon(configuration)
        for round in 1...3 {
            site.cli("FLUSHALL")
            try daemon.converges(on: site, within: .seconds(5))
            try daemon.eventually(Double(round)) { try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") }
        }
    }

    @Test("restarted with its data: nothing is older afterwards")
    func restartedKeeping() throws {
        let site = try Site.shop(items: 200)
        let daemon = try site.daemon(Shop.body)
        let writers = try Writers(site, items: 200)
        for _ in 1...2 {
            try site.writes(50)
            try site.redis.restart(keepingData: true)
        }
        try site.writes(50)
        writers.stop()
        try daemon.converges(on: site, within: .seconds(20))
    }

    @Test("frozen for longer than replies may take: late writes replace nothing newer")
    func frozen() throws {
        let site = try Site.shop(items: 100)
        let daemon = try site.daemon(Shop.body)
        let observer = try Observer(site, items: 100)
        let writers = try Writers(site, items: 100)
        for _ in 1...2 {
            try site.writes(50)
            site.redis.freeze()
            defer { site.redis.thaw() }
            try daemon.eventually(within: .seconds(15)) { try daemon.answer("/healthz").text.contains("Redis") }
        }
        try site.writes(100)
        writers.stop()
        try daemon.converges(on: site, within: .seconds(30))
        let seen = observer.stop()
        #expect(seen.rounds > 0 && seen.steps == [])
    }

    @Test("absent at the start, and again later")
    func absent() throws {
        let site = try Site.shop(items: 50)
        site.redis.kill()
        let daemon = try site.start(.init(Shop.body))
        for _ in 1...2 {
            try daemon.eventually(503) { daemon.readiness ?? 0 }
            try daemon.eventually { try daemon.answer("/readyz").text.contains("Redis does not take writes: ") }
            #expect(try daemon.answer("/healthz").status == 503)
            try daemon.eventually { daemon.log.contains("redis lost") || daemon.log.contains("redis not connected") }
            try site.sql("UPDATE items SET v = v + 1")
            try site.redis.restart(keepingData: false)
            try daemon.waitUntilReady()
            try daemon.eventually(200) { try daemon.answer("/healthz").status }
            try daemon.converges(on: site)
            site.redis.kill()
        }
    }
}
