import RefreshService
import TestDaemon
import TestServers
import Testing

/// The barrier: who waits for it reads its own write.
struct SyncTests {
    @Test func everyClientReadsItsOwnWriteUnderLoad() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        let rounds = Environment.current["REKINDLE_SOAK"] == nil ? 300 : 10_000
        let noise = try site.session()
        try noise.send(
            """
            DO $$ BEGIN FOR i IN 1..\(rounds * 2) LOOP
            PERFORM pg_notify('changed', j::text) FROM generate_series(1, 200) j; COMMIT; PERFORM pg_sleep(0.002);
            END LOOP; END $$
            """)
        let writer = try site.session()
        let client = try site.redisClient()
        for round in 1...rounds {
            let id = round % 200 + 1
            try writer.run("UPDATE items SET name = 'r\(round)' WHERE id = \(id); SELECT pg_notify('changed', '\(id)')")
            let reply = try daemon.post("/sync")
            #expect(reply.status == 200)
            let value = try client.command("GET", "shop:item:\(id)").text
            #expect(value == ControlShop.value(id, "r\(round)"), "round \(round) of \(rounds)")
            if value != ControlShop.value(id, "r\(round)") { break }
        }
    }

    /// The figure is for people; the bound leaves room for a machine that does other things too.
    @Test func nobodyWaitsLongWhenThereIsNothingToDo() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        var took: [Duration] = []
        for _ in 1...200 {
            let began = ContinuousClock.now
            #expect(try daemon.post("/sync").status == 200)
            took.append(ContinuousClock.now - began)
        }
        let median = took.sorted()[100]
        print("an idle sync takes \(median) at the median")
        #expect(median < .milliseconds(100))
    }

    /// It covers what a pass has still to do, too.
    @Test func waitsForPassesAndSlowKeys() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(
            ControlShop.body
                + "\n[channels.slow]\npayload = \"text\"\nrefresh = [{ query = \"slow\" }]\n[channels.all]\ninvalidate = [{ region = \"items\" }]\n"
        )
        try site.sql("SELECT pg_notify('slow', '5')")
        let reply = try Command.rekindle("sync", "--socket", daemon.socketPath)
        #expect(reply.exit == .code(0) && reply.output.hasPrefix("in the cache after 0."), "\(reply.error)")
        #expect(site.cli("GET", "slow:5") == "\"n5\"")
        try site.sql("SELECT pg_notify('all', '{}')")
        #expect(try daemon.post("/sync?region=items").status == 200)
        #expect(site.cli("KEYS", "shop:*") == "")
    }

    @Test func saysWhatIsNotRight() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        try site.sql("ALTER TABLE items RENAME TO goods; SELECT pg_notify('changed', '1')")
        let failed = try Command.rekindle("sync", "--socket", daemon.socketPath)
        #expect(failed.exit == .code(1))
        #expect(
            failed.error.contains("region items is not as its queries say") && failed.error.contains("42P01"),
            "\(failed.error)")
        #expect(try Command.rekindle("sync", "--region", "slow", "--socket", daemon.socketPath).exit == .code(0))
        #expect(try daemon.post("/sync?region=nothing").status == 404)
        // Redis is away: nothing is stored, and it says so when the time is over.
        try site.sql("ALTER TABLE goods RENAME TO items; SELECT pg_notify('changed', '1')")
        try daemon.eventually(200) { try daemon.post("/refresh?region=items&key=item:1").status }
        site.redis.stop()
        try site.sql("SELECT pg_notify('changed', '2')")
        let late = try daemon.post("/sync?timeout=300ms")
        #expect(late.status == 504)
        try site.redis.restart(keepingData: false)
        try daemon.eventually(200) { try daemon.post("/sync").status }
        #expect(site.cli("GET", "shop:item:2") == ControlShop.value(2, "n2"))
    }

    @Test func aStandbyDoesNotAnswerForTheOwner() throws {
        let site = try ControlShop.site()
        let owner = try site.daemon(ControlShop.body)
        let standby = try site.start(DaemonConfiguration(ControlShop.body))
        try standby.eventually { (try? standby.get("/readyz").contains("standby")) ?? false }
        #expect(try standby.post("/sync").status == 503)
        #expect(try owner.post("/sync").status == 200)
        // Reading needs no lease.
        #expect(try standby.read("/regions/items/item:3") == (200, ControlShop.value(3, "n3")))
        #expect(try standby.read("/regions/items/item:150") == (200, ControlShop.value(150, "n150")))
        #expect(site.cli("EXISTS", "shop:item:150") == "0", "only the owner writes")
    }
}
