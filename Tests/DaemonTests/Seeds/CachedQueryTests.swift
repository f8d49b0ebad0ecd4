import TestDaemon
import TestServers
import Testing

/// What a cache is for: an answer that takes long to compute is there at once, and right.
struct CachedQueryTests {
    private static let query = "select bid, count(*) from pgbench_accounts group by bid"

    @Test("the count of two million rows is read a thousand times faster than made, and is right after an insert")
    func grouped() throws {
        let site = try Site()
        let load = try Command.run(["pgbench", "-i", "-s", "20", "-q", site.databaseURL], within: .seconds(180))
        try #require(load.exit == .code(0), "\(load.error)")
        let daemon = try site.daemon(
            """
            [regions.bank]
            prefix = "bank:"
            [queries.accounts]
            region = "bank"
            result = "rows"
            sql = "\(Self.query)"
            [channels.accounts_changed]
            refresh = [{ query = "accounts" }]
            """)
        let client = try site.redisClient()
        func counts() throws -> [Int: Int] {
            let text = try client.command("GET", "bank:accounts").text ?? ""
            let found = text.matches(of: #/\{"bid":(\d+),"count":(\d+)\}/#)
            return Dictionary(found.map { (Int($0.1) ?? 0, Int($0.2) ?? 0) }) { _, last in last }
        }
        var expected = Dictionary(uniqueKeysWithValues: (1...20).map { ($0, 100_000) })
        try daemon.eventually(expected) { try counts() }
        let session = try site.session()
        let made = try Self.median(of: 5) { try session.run(Self.query) }
        let read = try Self.median(of: 501) { try client.command("GET", "bank:accounts") }
        print("made in \(made), read in \(read): \(Int(made / read)) times faster")
        #expect(made / read >= 1_000)
        try site.sql(
            "INSERT INTO pgbench_accounts (aid, bid, abalance) VALUES (2000001, 7, 0); NOTIFY accounts_changed")
        expected[7] = 100_001
        try daemon.eventually(expected) { try counts() }
        // Twice in one transaction, seen from outside of it: it counts once, after the commit.
        try session.run("BEGIN; DELETE FROM pgbench_accounts WHERE aid = 2000001; NOTIFY accounts_changed")
        #expect(try counts() == expected)
        try session.run("COMMIT")
        expected[7] = 100_000
        try daemon.eventually(expected) { try counts() }
    }

    private static func median(of count: Int, _ body: () throws -> some Any) rethrows -> Duration {
        let clock = ContinuousClock()
        let times = try (0..<count).map { _ in try clock.measure { _ = try body() } }
        return times.sorted()[count / 2]
    }
}
