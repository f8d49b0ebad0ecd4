import TestDaemon
import Testing

/// Many events for few keys.
struct CoalescingTests {
    @Test func tenThousandEventsForOneKeyRunFewStatements() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, version int); INSERT INTO items VALUES (1, 0)")
        let daemon = try site.daemon(
            """
            [regions.r]
            prefix = "r:"
            [queries.q]
            region = "r"
            params = ["id"]
            result = "scalar"
            sql = "SELECT version FROM items WHERE id = $1"
            [channels.changed]
            refresh = [{ query = "q", params = { id = "id" } }]
            """)
        let before = try daemon.metric("rekindle_statements_total")
        try site.session().run(
            """
            DO $$
            BEGIN
                FOR i IN 1..10000 LOOP
                    UPDATE items SET version = i;
                    PERFORM pg_notify('changed', json_build_object('id', 1, 'version', i)::text);
                    IF i % 100 = 0 THEN COMMIT; PERFORM pg_sleep(0.004); END IF;
                END LOOP;
            END $$
            """)
        try daemon.eventually("10000") { site.cli("GET", "r:1") }
        try daemon.eventually(10_000) { try daemon.metric("rekindle_notifications_total", #"channel="changed""#) }
        let statements = try daemon.metric("rekindle_statements_total") - before
        #expect(statements < 500)
        #expect(statements >= 1)
        #expect(try daemon.metric("rekindle_coalesced_total") > 9_000, "\(daemon.log)")
    }
}
