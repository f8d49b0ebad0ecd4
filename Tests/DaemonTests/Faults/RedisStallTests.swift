import TestDaemon
import TestServers
import Testing

/// Redis answers late, or its answers do not arrive, or others write to it.
@Suite("Redis stalls, loses answers, is written to by others", .serialized)
struct RedisStallTests {
    @Test("it sleeps, and it pauses its clients: nothing is older afterwards", arguments: ["sleep", "pause"])
    func stalled(how: String) throws {
        let site = try Site.shop(items: 100)
        let daemon = try site.daemon(Shop.body)
        let observer = try Observer(site, items: 100)
        let writers = try Writers(site, items: 100)
        let client = try site.redisClient()
        for _ in 1...2 {
            try site.writes(30)
            if how == "sleep" { try client.command("DEBUG", "SLEEP", "2") } else { site.cli("CLIENT", "PAUSE", "2000") }
        }
        try site.writes(100)
        writers.stop()
        try daemon.converges(on: site, within: .seconds(20))
        let seen = observer.stop()
        #expect(seen.rounds > 0 && seen.steps == [])
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
    }

    @Test("answers to writes are lost, and calls arrive late: nothing newer is replaced")
    func answersLost() throws {
        let site = try Site.shop(items: 100)
        let path = "\(site.folder)/proxy.sock"
        let proxy = try #require(CuttingProxy(path: path, server: site.redis.socketPath))
        defer { proxy.stop() }
        var configuration = DaemonConfiguration(Shop.body)
        configuration.redisURL = "unix://\(path)"
        let daemon = try site.daemon(configuration)
        let observer = try Observer(site, items: 100)
        let writers = try Writers(site, items: 100)
        for round in 1...6 {
            let connects = try daemon.metric("rekindle_connects_total", "kind=\"redis\"")
            proxy.arm(round.isMultiple(of: 2) ? .loseAnswer : .deliverLate(seconds: 1))
            try site.writes(30)
            try daemon.eventually { try daemon.metric("rekindle_connects_total", "kind=\"redis\"") > connects }
        }
        // The last call that is late arrives while the writers still write.
        try site.writes(800)
        writers.stop()
        try daemon.converges(on: site, within: .seconds(20))
        let seen = observer.stop()
        #expect(seen.rounds > 0 && seen.steps == [])
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") == 0, "Redis lost nothing")
    }

    @Test("a key that others delete or overwrite is right again with its next event, and harms nothing else")
    func foreignWrites() throws {
        let site = try Site.shop(items: 20)
        let daemon = try site.daemon(Shop.body)
        site.cli("DEL", "items:1")
        site.cli("SET", "items:2", "foreign")
        site.cli("DEL", "items:3")
        site.cli("LPUSH", "items:3", "another type")
        #expect(try daemon.answer("/healthz").status == 200)
        try site.sql("UPDATE items SET v = v + 1 WHERE id <= 3")
        try daemon.converges(on: site)
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") == 0)
    }

    @Test("a server that evicts keys: the fence stays, the daemon is well, an evicted key comes back with its event")
    func evicts() throws {
        let site = try Site.shop(items: 3_000)
        let daemon = try site.daemon(Shop.body)
        let memory = try #require(
            site.cli("INFO", "memory").split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") })
        let used = try #require(Int(memory.dropFirst("used_memory:".count)))
        site.cli("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
        site.cli("CONFIG", "SET", "maxmemory", String(used - 100_000))
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.eventually(0) { try daemon.metric("rekindle_queue_keys") }
        let kept = try #require(try site.redisClient().command("DBSIZE").number)
        #expect(kept < 3_000, "some are evicted")
        site.cli("CONFIG", "SET", "maxmemory", "0")
        #expect(try daemon.answer("/healthz").status == 200)
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
    }
}
