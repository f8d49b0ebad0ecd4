import TestDaemon
import TestServers
import Testing

@Suite("Overload", .serialized)
struct OverloadTests {
    @Test("200,000 keys while Redis is away: memory stays flat, keys fold, the cache converges")
    func folds() throws {
        let site = try Site.shop(items: 200_000)
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "queue_bytes = \"1MiB\""
        let daemon = try site.start(configuration)
        try daemon.waitUntilReady(within: .seconds(60))
        try daemon.converges(on: site, within: .seconds(60))
        let before = daemon.residentKiB
        site.redis.kill()
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.eventually(200_000, within: .seconds(60)) { try daemon.metric("rekindle_notifications_total") }
        #expect(try daemon.metric("rekindle_folded_total") >= 1)
        #expect(try daemon.metric("rekindle_queue_bytes") <= 1_048_576)
        #expect(
            !MemoryBound.holds || daemon.residentKiB - before < 16 << 10,
            "from \(before) KiB to \(daemon.residentKiB) KiB")
        try site.redis.restart(keepingData: false)
        try daemon.converges(on: site, within: .seconds(90))
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
        #expect(
            !MemoryBound.holds || daemon.residentKiB - before < 32 << 10,
            "from \(before) KiB to \(daemon.residentKiB) KiB")
    }
}
