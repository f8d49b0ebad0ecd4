import TestDaemon
import TestServers
import Testing

/// Readers and the daemon that compute and refresh the same keys at the same time.
@Suite(.enabled("dogpile.cache can not be installed") { Releases.areThere })
struct TogetherTests {
    private static func configuration(_ serializer: String, sql: String) -> String {
        """
        [regions.items]
        prefix = "items:"
        format = "dogpile"
        serializer = "\(serializer)"
        locks = true
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "\(sql)"
        [channels.changed]
        payload = "text"
        refresh = [{ query = "item" }]
        """
    }

    private static let schema = """
        CREATE TABLE items (id int PRIMARY KEY, name text);
        INSERT INTO items SELECT n, 'new' FROM generate_series(1, 8) n;
        """

    @Test(arguments: Releases.names, ["json", "pickle"])
    func eachValueIsComputedOnceAndNothingRaises(release: String, serializer: String) throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(
            Self.configuration(serializer, sql: "SELECT id, name AS by FROM items WHERE id = $1"))
        let storm = try site.session()
        // Ends when the session does.
        try storm.send(
            """
            DO $$ BEGIN
                LOOP
                    PERFORM pg_notify('changed', (1 + random() * 7)::int::text) FROM generate_series(1, 3);
                    COMMIT;
                    PERFORM pg_sleep(0.01);
                END LOOP;
            END $$
            """)
        try daemon.eventually("8") {
            site.cli("EXISTS", "items:1", "items:2", "items:3", "items:4", "items:5", "items:6", "items:7", "items:8")
        }
        _ = try Releases.run(release, "storm.py", site.redis.socketPath, serializer, within: .seconds(120))
        try site.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'DO $$%' AND datname = current_database()"
        )
        // What the daemon stored last is what there is, with no reader's value left where an event came after it.
        try site.sql("SELECT pg_notify('changed', n::text) FROM generate_series(1, 8) n")
        try daemon.eventually(8) {
            (1...8).count { (site.cli("GET", "items:\($0)").contains("new")) }
        }
        #expect(try daemon.status()["parked.total"] == "0")
        try daemon.eventually("0") { try daemon.status().named("items", in: "regions", "contested") ?? "" }
        #expect(try daemon.status().named("items", in: "regions", "locks_let_go") == "0")
    }

    @Test(arguments: Releases.names)
    func aReaderThatReadBeforeTheEventDoesNotHaveTheLastWord(release: String) throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(
            Self.configuration("json", sql: "SELECT name FROM items WHERE id = $1"))
        let reader = try Program(
            [Releases.python(release), Releases.program("slow.py"), site.redis.socketPath],
            .init(error: "\(site.folder)/reader"))
        try daemon.eventually("1", within: .seconds(30)) { site.cli("EXISTS", "_lockitems:1") }
        try site.sql("NOTIFY changed, '1'")
        try daemon.eventually { site.cli("GET", "items:1").hasSuffix(#"{"name":"new"}"#) }
        site.cli("SET", "go", "1")
        let exit = reader.waitForExit(within: .seconds(30))
        #expect(exit == .code(0), "\(Files.read("\(site.folder)/reader"))")
        try daemon.eventually("0") { try daemon.status().named("items", in: "regions", "contested") ?? "" }
        #expect(site.cli("GET", "items:1").hasSuffix(#"{"name":"new"}"#))
    }

    @Test(arguments: Releases.names)
    func aReaderWaitsForTheRefreshAndComputesNothing(release: String) throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(
            Self.configuration(
                "json", sql: "SELECT name FROM items, (SELECT pg_advisory_xact_lock_shared(1)) x WHERE id = $1"))
        let session = try site.session()
        try session.run("SELECT pg_advisory_lock(1)")
        try site.sql("NOTIFY changed, '1'")
        try daemon.eventually("1") { site.cli("EXISTS", "_lockitems:1") }
        let reader = try Program(
            [Releases.python(release), Releases.program("slow.py"), site.redis.socketPath, "waits"],
            .init(error: "\(site.folder)/reader"))
        // The reader has asked for the lock, and was refused.
        try daemon.eventually(within: .seconds(30)) {
            site.cli("INFO", "commandstats").contains("cmdstat_set:") && reader.exit == nil
                && site.cli("CLIENT", "LIST").contains("cmd=set")
        }
        try session.run("SELECT pg_advisory_unlock(1)")
        let exit = reader.waitForExit(within: .seconds(30))
        #expect(exit == .code(0), "\(Files.read("\(site.folder)/reader"))")
    }
}
