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
        let before = daemon.ownKiB
        site.redis.kill()
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.eventually(200_000, within: .seconds(60)) { try daemon.metric("rekindle_notifications_total") }
        #expect(try daemon.metric("rekindle_folded_total") >= 1)
        #expect(try daemon.metric("rekindle_queue_bytes") <= 1_048_576)
        #expect(
            !MemoryBound.holds || daemon.ownKiB - before < 16 << 10,
            "from \(before) KiB to \(daemon.ownKiB) KiB")
        try site.redis.restart(keepingData: false)
        try daemon.converges(on: site, within: .seconds(90))
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
        #expect(
            !MemoryBound.holds || daemon.ownKiB - before < 32 << 10,
            "from \(before) KiB to \(daemon.ownKiB) KiB")
    }

    @Test(
        "a storm of 200,000 events while Redis is frozen: they coalesce, memory stays, and Postgres' queue is never pinned"
    )
    func storm() throws {
        let site = try Site.shop(items: 500, ownPostgres: true)
        let daemon = try site.daemon(Shop.body)
        let memory = daemon.ownKiB
        let session = try site.session()
        site.redis.freeze()
        defer { site.redis.thaw() }
        for part in 1...4 {
            // The payloads differ, or one transaction would merge them.
            try session.run(
                """
                SELECT count(pg_notify('items_changed', json_build_object('id', 1 + n % 500, 'n', n)::text))
                FROM generate_series(\(part * 50_000), \(part * 50_000 + 49_999)) n
                """)
        }
        try daemon.eventually(200_000, within: .seconds(30)) { try daemon.metric("rekindle_notifications_total") }
        try daemon.eventually("0") { try site.sql("SELECT pg_notification_queue_usage()") }
        #expect(try daemon.metric("rekindle_queue_keys") <= 500)
        #expect(!MemoryBound.holds || daemon.ownKiB - memory < 16 << 10)
        let stored = try daemon.metric("rekindle_stored_total")
        try site.sql("UPDATE items SET v = v + 1")
        site.redis.thaw()
        try daemon.converges(on: site, within: .seconds(20))
        let refreshes = try daemon.metric("rekindle_stored_total") - stored
        print("200,000 events of 500 keys: \(Int(refreshes)) values stored")
        #expect(refreshes < 10_000, "5 % of the events")
    }
}
