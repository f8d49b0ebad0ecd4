import TestDaemon
import TestServers
import Testing

/// The locks of dogpile.cache's readers, as Redis shows them.
struct LockTests {
    private static let schema = """
        CREATE TABLE items (id int PRIMARY KEY, name text);
        INSERT INTO items VALUES (1, 'one'), (2, 'two');
        """

    /// Statements wait for the advisory lock 1, so that a test says how long one runs.
    private static func configuration(_ region: String = "") -> String {
        """
        [regions.items]
        prefix = "items:"
        format = "dogpile"
        locks = true
        \(region)
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT name, 1 / length(name) AS rate FROM items, (SELECT pg_advisory_xact_lock_shared(1)) x WHERE id = $1"
        [channels.changed]
        refresh = [{ query = "item", params = { id = "id" } }]
        [channels.gone]
        invalidate = [{ region = "items", key = "{id}", params = { id = "id" } }]
        """
    }

    private func contested(_ daemon: RunningDaemon) throws -> String {
        try daemon.status().named("items", in: "regions", "contested") ?? ""
    }

    @Test func aRefreshHoldsTheLocksOfItsKeysUntilTheyAreStored() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration(#"lock_prefix = "_l.""#))
        let session = try site.session()
        try session.run("SELECT pg_advisory_lock(1)")
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("2") { site.cli("EXISTS", "_l.items:1", "_l.items:2") }
        let expiry = Int(site.cli("PTTL", "_l.items:1")) ?? 0
        #expect((1...30_000).contains(expiry))
        #expect(site.cli("EXISTS", "items:1") == "0")
        try session.run("SELECT pg_advisory_unlock(1)")
        try daemon.eventually("0") { site.cli("EXISTS", "_l.items:1", "_l.items:2") }
        #expect(site.cli("EXISTS", "items:1", "items:2") == "2")
        #expect(try contested(daemon) == "0")
    }

    @Test func aKeyWhoseLockAReaderHoldsIsStoredAtOnceAndAgainAfterIt() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration())
        site.cli("SET", "_lockitems:1", "the reader's")
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("2") { site.cli("EXISTS", "items:1", "items:2") }
        try daemon.eventually("1") { try contested(daemon) }
        #expect(site.cli("GET", "_lockitems:1") == "the reader's")
        // The reader stores what it had read before the event, and lets go.
        site.cli("SET", "items:1", "old")
        site.cli("DEL", "_lockitems:1")
        try daemon.eventually { site.cli("GET", "items:1").hasSuffix(#"{"name":"one","rate":0}"#) }
        try daemon.eventually("0") { try contested(daemon) }
        try daemon.eventually("0") { site.cli("EXISTS", "_lockitems:1", "_lockitems:2") }
    }

    @Test func anInvalidatedKeyIsDeletedAgainAfterTheReader() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration())
        site.cli("SET", "items:1", "old")
        site.cli("SET", "_lockitems:1", "the reader's")
        try site.sql(#"NOTIFY gone, '{"id":1}'"#)
        try daemon.eventually("0") { site.cli("EXISTS", "items:1") }
        try daemon.eventually("1") { try contested(daemon) }
        site.cli("SET", "items:1", "old")
        site.cli("DEL", "_lockitems:1")
        try daemon.eventually("0") { site.cli("EXISTS", "items:1") }
        try daemon.eventually("0") { try contested(daemon) }
    }

    @Test func aLockThatIsNeverReleasedIsToldOfAndLeftAlone() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration(#"lock_patience = "200ms""#))
        site.cli("SET", "_lockitems:1", "the reader's")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("1") { try daemon.status().named("items", in: "regions", "locks_let_go") ?? "" }
        #expect(
            daemon.log.contains("lock held for too long") && daemon.log.contains("lock=_lockitems:1"), "\(daemon.log)")
        #expect(try daemon.metric("rekindle_locks_let_go_total", "region=\"items\"") == 1)
        #expect(try contested(daemon) == "0")
        #expect(site.cli("GET", "_lockitems:1") == "the reader's")
        #expect(site.cli("EXISTS", "items:1") == "1")
    }

    @Test func aStatementThatFailsReleasesItsLocks() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration())
        try site.sql(
            #"UPDATE items SET name = '' WHERE id = 1; NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("items:1") { try daemon.status()["parked.keys.0.key"] ?? "" }
        try daemon.eventually("1") { site.cli("EXISTS", "items:1", "items:2") }
        try daemon.eventually("0") { site.cli("EXISTS", "_lockitems:1", "_lockitems:2") }
    }

    @Test func aServerThatLostTheScriptsGetsThemAgain() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration())
        site.cli("SCRIPT", "FLUSH")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("1") { site.cli("EXISTS", "items:1") }
        try daemon.eventually("0") { try contested(daemon) }
        let session = try site.session()
        try session.run("SELECT pg_advisory_lock(1)")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("1") { site.cli("EXISTS", "_lockitems:1") }
        try session.run("SELECT pg_advisory_unlock(1)")
        try daemon.eventually("0") { site.cli("EXISTS", "_lockitems:1") }
    }

    @Test func aUserWithoutTheRightStoresAllTheSameAndIsTold() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration())
        site.cli("ACL", "SETUSER", "default", "resetkeys", "~items:*", "~rekindle:*")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("1") { site.cli("EXISTS", "items:1") }
        try daemon.eventually { daemon.log.contains("locks not taken: readers may compute what is refreshed") }
        #expect(try contested(daemon) == "0")
    }

    @Test func whatFillsARegionTakesTheLocksToo() throws {
        let site = try Site()
        try site.sql(Self.schema)
        site.cli("SET", "_lockitems:1", "the reader's")
        let daemon = try site.daemon(
            Self.configuration().replacing(
                "[channels.changed]", with: "warm = \"SELECT id FROM items\"\n[channels.changed]"))
        #expect(site.cli("EXISTS", "items:1", "items:2") == "2")
        try daemon.eventually("1") { try contested(daemon) }
        site.cli("DEL", "_lockitems:1")
        try daemon.eventually("0") { try contested(daemon) }
    }
}
