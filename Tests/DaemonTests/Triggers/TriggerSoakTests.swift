import TestDaemon
import TestServers
import Testing

/// Writes of every kind, on several tables at once, while the daemon follows the triggers: after `rekindle sync` every key
/// equals its query, and no writer has heard of an error or a warning.
///
/// `REKINDLE_SOAK_SECONDS=60` writes for longer than eight seconds, `REKINDLE_SOAK_SEED` repeats a run.
struct TriggerSoakTests {
    private static let seconds = Environment.current["REKINDLE_SOAK_SECONDS"].flatMap { Int($0) } ?? 8
    private static let seed =
        Environment.current["REKINDLE_SOAK_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...0xFFFF_FFFF)

    /// One table that is watched: which keys it has, and what its query returns for each.
    private struct Watched {
        let name: String
        /// The table, its key and what is cached of it, in SQL.
        let table: String
        let key: String
        let shown: String
        var grouped = false

        var query: String {
            let select = grouped ? "SELECT \(key), count(*) AS n, sum(v) AS v" : "SELECT \(key), \(shown)"
            return "\(select) FROM \(table) WHERE \(key) = $1" + (grouped ? " GROUP BY 1" : "")
        }

        /// Every key of the cache with its value, a line each.
        var truth: String {
            let select = grouped ? "SELECT \(key), count(*) AS n, sum(v) AS v" : "SELECT \(key), \(shown)"
            let from = "\(select) FROM \(table) WHERE \(key) IS NOT NULL" + (grouped ? " GROUP BY 1" : "")
            return
                "SELECT '\(name):' || \(grouped ? key : "q.\(key)")::text || ' ' || to_json(q)::text FROM (\(from)) q"
        }
    }

    private static let odd = #""we""ird S'chema"."T'able ""x""""#

    /// pgbench's tables; and a partitioned one with odd names, by its own key and by one that many rows share.
    private static let watched = [
        Watched(name: "accounts", table: "pgbench_accounts", key: "aid", shown: "abalance, bid"),
        Watched(name: "tellers", table: "pgbench_tellers", key: "tid", shown: "tbalance"),
        Watched(name: "branches", table: "pgbench_branches", key: "bid", shown: "bbalance"),
        Watched(name: "odd", table: odd, key: #""SELECT""#, shown: #""Größe", v"#),
        Watched(name: "groups", table: odd, key: #""o'n""e\""#, shown: "", grouped: true),
    ]

    private static let schema = #"""
        CREATE SCHEMA "we""ird S'chema";
        CREATE TABLE "we""ird S'chema"."T'able ""x""" ("SELECT" int, gone text, part int, "o'n""e\" text, "Größe" json,
            v int NOT NULL DEFAULT 0, unseen timestamptz, PRIMARY KEY ("SELECT", part)) PARTITION BY LIST (part);
        ALTER TABLE "we""ird S'chema"."T'able ""x""" DROP COLUMN gone;
        CREATE TABLE "we""ird S'chema".p0 PARTITION OF "we""ird S'chema"."T'able ""x""" FOR VALUES IN (0);
        CREATE TABLE "we""ird S'chema".p1 (unseen timestamptz, v int NOT NULL DEFAULT 0, part int NOT NULL,
            "Größe" json, "o'n""e\" text, "SELECT" int NOT NULL);
        ALTER TABLE "we""ird S'chema"."T'able ""x""" ATTACH PARTITION "we""ird S'chema".p1 FOR VALUES IN (1);
        CREATE TABLE "we""ird S'chema".rest PARTITION OF "we""ird S'chema"."T'able ""x""" DEFAULT;
        INSERT INTO "we""ird S'chema"."T'able ""x""" SELECT i, i % 3, 'g' || i % 10 FROM generate_series(1, 300) i
        """#

    private static var configuration: String {
        var text = ""
        for one in watched {
            text += """
                [regions.\(one.name)]
                [queries.\(one.name)]
                region = "\(one.name)"
                params = ["k"]
                sql = '''\(one.query)'''
                warm = '''SELECT DISTINCT \(one.key) FROM \(one.table) WHERE \(one.key) IS NOT NULL'''

                """
        }
        for (name, key) in [("accounts", "aid"), ("tellers", "tid"), ("branches", "bid")] {
            text += """
                [channels.\(name)]
                refresh = [{ query = "\(name)", params = { k = "\(key)" } }]
                [tables.pgbench_\(name)]
                key = ["\(key)"]
                channel = "\(name)"

                """
        }
        return text + #"""
            [channels."Odd 'Channel"]
            refresh = [{ query = "odd", params = { k = "SELECT" } }, { query = "groups", params = { k = '''o'n"e\''' } }]
            [tables."\"we\"\"ird S'chema\".\"T'able \"\"x\"\"\""]
            key = ["SELECT", '''o'n"e\''']
            columns = ["Größe", "v"]
            channel = "Odd 'Channel"
            """#
    }

    @Test func afterWritesOfEveryKindEveryKeyEqualsItsQuery() throws {
        print("the seed of the soak: \(Self.seed), \(Self.seconds) s")
        // A server of its own, for its log is to say nothing.
        let site = try Site(postgres: .start())
        let fill = try Command.run(["pgbench", "-i", "-q", "-s", "1", "-d", site.databaseURL], within: .seconds(60))
        #expect(fill.exit == .code(0), "\(fill)")
        try site.sql("DELETE FROM pgbench_accounts WHERE aid > 5000")
        try site.sql(Self.schema)
        let daemon = try site.start(DaemonConfiguration(Self.configuration))
        let apply = try Command.rekindle("triggers", "--apply", "--config", daemon.configurationPath)
        #expect(apply.exit == .code(0), "\(apply)")
        try daemon.waitUntilReady()

        let load = try Program(
            ["pgbench", "-n", "-c", "2", "-T", "\(Self.seconds)", "-R", "200", "-d", site.databaseURL],
            .init(output: "\(site.folder)/pgbench.log", error: "\(site.folder)/pgbench.log"))
        let statements = try write(site)
        #expect(load.waitForExit(within: .seconds(Self.seconds + 20)) == .code(0))
        let log = Files.read("\(site.folder)/pgbench.log")
        #expect(log.contains("number of failed transactions: 0 ") && !log.contains("WARNING"), "\(log)")

        let client = try site.redisClient()
        let sync = try Command.rekindle("sync", "--timeout", "60s", "--socket", daemon.socketPath)
        #expect(sync.exit == .code(0), "\(sync)")
        #expect(try Self.differences(site, client) == [], "after \(sync.output)\(daemon.log)")
        let bad = try daemon.metric("rekindle_bad_payloads_total")
        #expect(bad == 0, "\(daemon.log)")
        #expect(try daemon.metric("rekindle_whole_table_total") > 0)
        // Nothing but the triggers has told the daemon: no gap was opened after the start.
        #expect(
            try daemon.metric("rekindle_gaps_total") == daemon.metric("rekindle_gaps_total", #"cause="start""#),
            "\(daemon.log)")
        #expect(!site.postgres.log.contains("rekindle tells of") && !site.postgres.log.contains("rekindle could not"))
        print("\(statements) statements, \(try daemon.metric("rekindle_notifications_total")) notifications")
    }

    /// Runs random statements until the time is over; each must be taken without a word.
    private func write(_ site: Site) throws -> Int {
        var generator = SeededGenerator(seed: Self.seed)
        let sessions = [try site.session(), try site.session()]
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var count = 0
        while ContinuousClock.now < end {
            let sql = [Self.statement(on: 0, &generator), Self.statement(on: 1, &generator)]
            // Both run at once.
            for (session, text) in zip(sessions, sql) { try session.send(text) }
            for (session, text) in zip(sessions, sql) {
                let printed = try session.wait()
                if !printed.isEmpty { throw Trouble("seed \(Self.seed): \(text): \(printed)") }
            }
            count += 2
        }
        return count
    }

    /// A statement on pgbench's tables, or on the odd one: each session has tables of its own, and a transaction
    /// writes one table only, so that none waits for another in a circle.
    private static func statement(on side: Int, _ generator: inout SeededGenerator) -> String {
        func random(_ range: ClosedRange<Int>) -> Int { .random(in: range, using: &generator) }
        let choice = random(0...99)
        let (low, width) = (random(1...5_000), random(0...60))
        if side == 0 {
            let some = "aid BETWEEN \(low) AND \(low + width)"
            switch choice {
            case 0..<30: return "UPDATE pgbench_accounts SET abalance = abalance + 1 WHERE \(some)"
            case 30..<45:
                return "UPDATE pgbench_accounts SET aid = aid \(random(0...1) == 0 ? "+" : "-") 1000000 WHERE "
                    + (random(0...1) == 0 ? some : "aid > 500000")
                    + " AND aid + 1000000 NOT IN (SELECT aid FROM pgbench_accounts) AND aid - 1000000 NOT IN (SELECT aid FROM pgbench_accounts)"
            case 45..<55: return "DELETE FROM pgbench_accounts WHERE \(some)"
            case 55..<70:
                return
                    "INSERT INTO pgbench_accounts SELECT i, 1, \(low), '' FROM generate_series(\(low), \(low + 10 * width)) i ON CONFLICT (aid) DO UPDATE SET abalance = 0"
            case 70..<74:
                return "UPDATE pgbench_tellers SET tbalance = tbalance + \(low) WHERE tid <= \(random(0...10))"
            case 74..<77: return "UPDATE pgbench_branches SET filler = 'x\(low)', bbalance = bbalance"
            case 77..<87:
                return
                    "BEGIN; UPDATE pgbench_accounts SET abalance = -1; DELETE FROM pgbench_accounts WHERE \(some); ROLLBACK"
            case 87..<89:
                return
                    "BEGIN; TRUNCATE pgbench_accounts; INSERT INTO pgbench_accounts SELECT i, 1, 7, '' FROM generate_series(1, \(low)) i; COMMIT"
            case 89..<91: return "UPDATE pgbench_accounts SET abalance = abalance + 1"
            case 91..<93: return "TRUNCATE pgbench_history"
            default:
                let lines = (0...width).map { "\(2_000_000 + low + $0)\t1\t\(low)\t" }.joined(separator: "\n")
                return
                    "DELETE FROM pgbench_accounts WHERE aid > 2000000;\nCOPY pgbench_accounts FROM STDIN;\n\(lines)\n\\.\n"
            }
        }
        let (id, part) = (random(1...400), random(0...4))
        let some = "\"SELECT\" BETWEEN \(id) AND \(id + width)"
        let free =
            "NOT EXISTS (SELECT FROM \(odd) y WHERE y.\"SELECT\" = x.\"SELECT\" + 1000 OR y.\"SELECT\" = x.\"SELECT\" - 1000)"
        switch choice {
        case 0..<20: return "UPDATE \(odd) SET v = v + 1, unseen = now() WHERE \(some)"
        case 20..<25: return "UPDATE \(odd) SET unseen = clock_timestamp()"
        case 25..<40: return "UPDATE \(odd) SET part = \(part), v = v + 1 WHERE \(some)"
        case 40..<50:
            return
                #"UPDATE \#(odd) SET "o'n""e\" = nullif('g' || \#(random(0...11)), 'g11'), part = \#(part) WHERE \#(some)"#
        case 50..<60:
            return
                "UPDATE \(odd) x SET \"SELECT\" = \"SELECT\" \(random(0...1) == 0 ? "+" : "-") 1000 WHERE \(some) AND \(free)"
        case 60..<68: return "DELETE FROM \(odd) WHERE \(some)"
        case 68..<80:
            return
                #"INSERT INTO \#(odd) ("SELECT", part, "o'n""e\", "Größe") SELECT i, i % 3, 'g' || \#(part), '{"a": \#(id)}' FROM generate_series(\#(id), \#(id + width)) i WHERE NOT EXISTS (SELECT FROM \#(odd) y WHERE y."SELECT" = i)"#
        case 80..<85:
            return #"UPDATE "we""ird S'chema".p\#(part % 2) SET v = v + 1, "Größe" = '[\#(id)]' WHERE \#(some)"#
        case 85..<88: return #"DELETE FROM "we""ird S'chema".rest WHERE \#(some)"#
        case 88..<90: return #"TRUNCATE "we""ird S'chema".p1"#
        case 90..<91: return "TRUNCATE \(odd)"
        case 91..<96:
            return
                "BEGIN; SAVEPOINT a; DELETE FROM \(odd); ROLLBACK TO a; UPDATE \(odd) SET v = v + 2 WHERE \(some); COMMIT"
        default:
            let lines = (0...width).map { "\(3_000 + $0)\t\(part)\tg\(id % 10)" }.joined(separator: "\n")
            return #"DELETE FROM \#(odd) WHERE "SELECT" >= 3000;"#
                + "\n" + #"COPY \#(odd) ("SELECT", part, "o'n""e\") FROM STDIN;"# + "\n\(lines)\n\\.\n"
        }
    }

    /// The first keys whose cached value is not what their query returns, those missing, and those that should not be.
    private static func differences(_ site: Site, _ client: RedisClient) throws -> [String] {
        var truth: [String: String] = [:]
        for one in watched {
            for line in try site.sql(one.truth).split(separator: "\n") {
                guard let end = line.firstIndex(of: " ") else { continue }
                truth[String(line[..<end])] = String(line[line.index(after: end)...])
            }
        }
        let prefixes = watched.map { "\($0.name):" }
        let keys = try client.command("KEYS", "*").list.compactMap(\.text).filter { key in
            prefixes.contains { key.hasPrefix($0) }
        }
        var wrong: [String] = []
        try client.send(["MGET", "none"] + keys)
        let values = try client.next().list.dropFirst()
        for (key, value) in zip(keys, values) {
            let expected = truth.removeValue(forKey: key)
            if value.text != expected { wrong.append("\(key) holds \(value), not \(expected ?? "nothing")") }
        }
        return (wrong + truth.keys.map { "\($0) is missing" }).sorted().prefix(5).map(\.self)
    }
}
