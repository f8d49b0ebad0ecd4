import TestDaemon
import Testing

/// What a start fills, and when it is ready.
struct WarmTests {
    private static let body = """
        [regions.r]
        prefix = "r:"
        ttl = "1h"
        [queries.q]
        region = "r"
        params = ["id"]
        sql = "SELECT id, name FROM items WHERE id = $1"
        warm = "SELECT id FROM items"
        [channels.changed]
        refresh = [{ query = "q", params = { id = "id" } }]
        """

    @Test func twentyThousandRowsAreThereBeforeItIsReady() throws {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); "
                + "INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, 20000) i")
        site.cli("SET", "r:30000", "of a row that is gone")
        site.cli("SET", "r:nonsense", "of no query")
        let daemon = try site.daemon(Self.body)
        let client = try site.redisClient()
        // Nothing is waited for here: ready means that all of it is there.
        let keys = (1...20_000).map { "r:\($0)" }
        try client.send(["MGET"] + keys)
        let values = try client.next().list.map(\.text)
        for id in 1...20_000 where values[id - 1] != #"{"id":\#(id),"name":"n\#(id)"}"# {
            Issue.record("r:\(id) is \(values[id - 1] ?? "nothing")\n\(daemon.log)")
            break
        }
        #expect(try client.command("EXISTS", "r:30000", "r:nonsense") == .number(0))
        #expect((try client.command("PTTL", "r:20000").number ?? 0) > 3_000_000)
    }

    /// The statement that fills waits for a lock, and so does the question what types the parameters have; without
    /// the answer nobody can tell the keys of the query from others.
    @Test func aStartIsNotReadyWhileItFills() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'one')")
        site.cli("SET", "r:nonsense", "of no query")
        let blocker = try site.session()
        try blocker.run("BEGIN; LOCK TABLE items")
        let daemon = try site.start(DaemonConfiguration(Self.body))
        try daemon.eventually(503) { daemon.readiness }
        try daemon.eventually("true") { try daemon.status()["connections.redis.up"] }
        let waiting = """
            SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rekindle resync'
            AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '300ms'
            """
        try daemon.eventually("1") { try site.sql(waiting) }
        #expect(try daemon.status()["ready"] == "false")
        #expect(site.cli("EXISTS", "r:1") == "0")
        try blocker.run("COMMIT")
        try daemon.waitUntilReady()
        #expect(site.cli("GET", "r:1") == #"{"id":1,"name":"one"}"#)
        #expect(site.cli("EXISTS", "r:nonsense") == "0", "\(daemon.log)")
    }

    /// Rows that an event deletes while the old snapshot is still being streamed do not come back.
    @Test func aDeletionDuringTheWarmIsRespected() throws {
        let site = try Site()
        try site.sql(
            """
            CREATE TABLE items (id int PRIMARY KEY, name text);
            INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, 3000) i;
            CREATE FUNCTION slow(id int) RETURNS int LANGUAGE plpgsql VOLATILE
            AS $$ BEGIN IF id % 100 = 0 THEN PERFORM pg_sleep(0.02); END IF; RETURN id; END $$
            """)
        let slow = Self.body.replacing("SELECT id FROM items\"", with: "SELECT slow(id) FROM items ORDER BY id\"")
        let daemon = try site.start(DaemonConfiguration(slow))
        // The stream has begun, and its snapshot is older than what follows.
        try daemon.eventually("1") { site.cli("EXISTS", "r:1") }
        #expect(site.cli("EXISTS", "r:2950") == "0")
        try site.sql(
            """
            DELETE FROM items WHERE id > 2900;
            UPDATE items SET name = 'new' WHERE id = 2800;
            SELECT pg_notify('changed', json_build_object('id', i)::text) FROM generate_series(2901, 3000) i;
            NOTIFY changed, '{"id":2800}'
            """)
        try daemon.waitUntilReady()
        try daemon.eventually("0") { try daemon.status()["queue.keys"] }
        #expect(try site.redisClient().command("KEYS", "r:*").list.count == 2_900)
        #expect(site.cli("EXISTS", "r:2950") == "0")
        #expect(site.cli("GET", "r:2800") == #"{"id":2800,"name":"new"}"#)
        #expect(site.cli("GET", "r:2900") == #"{"id":2900,"name":"n2900"}"#, "\(daemon.log)")
    }
}
