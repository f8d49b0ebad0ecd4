import Glibc
import RefreshService
import TestDaemon
import Testing

/// Keys that change together: no reader sees one of them without the others.
struct TogetherTests {
    private static let body = """
        [regions.balances]
        [regions.lists]
        prefix = "lists:"
        [regions.totals]
        format = "hash"
        [queries.balance]
        region = "balances"
        params = ["id"]
        result = "scalar"
        sql = "SELECT balance FROM accounts WHERE id = $1"
        warm = "SELECT id FROM accounts"
        [queries.list]
        region = "lists"
        key = "all"
        result = "rows"
        sql = "SELECT id FROM accounts ORDER BY id"
        [queries.total]
        region = "totals"
        key = "sum"
        sql = "SELECT sum(balance), count(*) FROM accounts"
        [channels.moved]
        together = true
        refresh = [
            { query = "balance", params = { id = "from" } },
            { query = "balance", params = { id = "to" } },
        ]
        publish = [{ channel = "moved" }]
        [channels.opened]
        together = true
        refresh = [{ query = "balance", params = { id = "id" } }, { query = "list" }, { query = "total" }]
        """

    private static func site() throws -> Site {
        let site = try Site()
        try site.sql(
            """
            CREATE TABLE accounts (id int PRIMARY KEY, balance int);
            INSERT INTO accounts SELECT i, 500 FROM generate_series(1, 2) i;
            CREATE PROCEDURE move(amount int, pause float) LANGUAGE plpgsql AS $$ BEGIN
              UPDATE accounts SET balance = balance - amount WHERE id = 1;
              UPDATE accounts SET balance = balance + amount WHERE id = 2;
              PERFORM pg_notify('moved', '{"from":1,"to":2,"n":' || (SELECT balance FROM accounts WHERE id = 1) || '}');
              COMMIT;
              PERFORM pg_sleep(pause);
            END $$
            """)
        return site
    }

    /// Between two looks of a reader. Readers that never pause keep two processors so busy with waking each other that the
    /// kernel starts nothing else for a minute.
    private static func rest() { usleep(500) }

    /// Two cached balances, of which no reader ever sees a sum that was never there.
    @Test func moneyThatMovesIsNeverLostFromSight() throws {
        let site = try Self.site()
        var configuration = DaemonConfiguration(Self.body)
        configuration.service = "heartbeat = \"10s\""
        let daemon = try site.daemon(configuration)
        let mover = try site.session()
        let moves = 600
        try mover.send((1...moves).map { "CALL move(\($0 % 7 + 1), 0.001);" }.joined(separator: "\n"))
        let reader = try site.redisClient()
        var seen: Set<String> = []
        var sums: Set<Int> = []
        let last = 500 - (1...moves).reduce(0) { $0 + $1 % 7 + 1 }
        while true {
            let both = try reader.command("MGET", "balances:1", "balances:2").list.map { Int($0.text ?? "") ?? .min }
            try #require(both.count == 2)
            sums.insert(both[0] &+ both[1])
            seen.insert("\(both)")
            if both[0] == last { break }
            if sums != [1_000] { break }
            Self.rest()
            if let exit = daemon.process.exit { throw Trouble("The daemon has ended: \(exit)\n\(daemon.log)") }
        }
        #expect(sums == [1_000], "of \(seen.count) states\n\(daemon.log)")
        #expect(seen.count > 20, "the reader saw them change")
    }

    /// A list, an item, and a hash, of three regions: who sees one of them sees the others.
    @Test func theListIsNeverThereWithoutTheItem() throws {
        let site = try Self.site()
        // What a resync refreshes comes key by key: a machine that stands still for a moment shall not cause one.
        var configuration = DaemonConfiguration(Self.body)
        configuration.service = "heartbeat = \"10s\""
        let daemon = try site.daemon(configuration)
        let reader = try site.redisClient()
        for id in 3...60 {
            try site.sql("INSERT INTO accounts VALUES (\(id), 0); SELECT pg_notify('opened', '{\"id\":\(id)}')")
            while true {
                try reader.command("MULTI")
                for words in [["GET", "lists:all"], ["GET", "balances:\(id)"], ["HGET", "totals:sum", "count"]] {
                    try reader.send(words)
                    _ = try reader.next()
                }
                let found = try reader.command("EXEC").list
                let isListed = found[0].text?.contains("{\"id\":\(id)}") == true
                let isThere = [isListed, found[1].text == "0", found[2].text == "\(id)"]
                if isListed || Set(isThere).count > 1 {
                    #expect(Set(isThere).count == 1, "\(found)\n\(daemon.log)")
                    break
                }
                Self.rest()
                if let exit = daemon.process.exit { throw Trouble("The daemon has ended: \(exit)\n\(daemon.log)") }
            }
        }
    }

    /// A query that fails is parked, and keeps the others neither from being refreshed nor, later, from going together.
    @Test func aQueryThatFailsHoldsNoOtherUp() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        try site.sql("ALTER TABLE accounts RENAME TO hidden; CREATE TABLE accounts (id int, balance text, x int)")
        try site.sql("INSERT INTO accounts VALUES (1, 'much', 0); SELECT pg_notify('opened', '{\"id\":1}')")
        // The sum of texts is refused; the balance and the list are not.
        try daemon.eventually(#""much""#) { site.cli("GET", "balances:1") }
        try daemon.eventually(#"[{"id":1}]"#) { site.cli("GET", "lists:all") }
        try daemon.eventually { try daemon.metric("rekindle_query_paused", "query=\"total\"") == 1 }
        try site.sql("DROP TABLE accounts; ALTER TABLE hidden RENAME TO accounts")
        try site.sql("CALL move(100, 0)")
        try daemon.eventually("400") { site.cli("GET", "balances:1") }
        #expect(try daemon.post("/refresh?region=totals&region=lists").status == 200)
        #expect(site.cli("HGET", "totals:sum", "sum") == "1000")
    }

    @Test func itIsStoredWholeAfterRedisWasAway() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        site.cli("CLIENT", "KILL", "TYPE", "normal")
        try site.sql("CALL move(100, 0)")
        try daemon.eventually("400") { site.cli("GET", "balances:1") }
        #expect(site.cli("GET", "balances:2") == "600")
        #expect(try daemon.post("/sync").status == 200)
    }
}
