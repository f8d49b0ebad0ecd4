import TestDaemon
import Testing

/// What Prometheus reads.
struct MetricsTests {
    private static let isPromtoolThere = (try? Command.run(["promtool", "--version"]))?.exit == .code(0)

    @Test(.enabled("promtool is missing: install prometheus") { isPromtoolThere })
    func promtoolFindsNothingWrong() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int, name text); INSERT INTO items VALUES (1, 'one')")
        let daemon = try site.daemon(
            """
            [regions."r \\"quoted\\" \\\\ back"]
            prefix = "r:"
            [queries."the query"]
            region = "r \\"quoted\\" \\\\ back"
            params = ["id"]
            sql = "SELECT name FROM items WHERE id = $1"
            [channels."ch ä"]
            refresh = [{ query = "the query", params = { id = "id" } }]
            publish = [{ channel = "told" }]
            """)
        try site.sql(#"SELECT pg_notify('ch ä', '{"id":1}'), pg_notify('ch ä', '{')"#)
        try daemon.eventually(1) { try daemon.metric("rekindle_messages_published_total") }
        try daemon.eventually(1) { try daemon.metric("rekindle_bad_payloads_total") }
        try Files.write(daemon.get("/metrics"), to: "\(site.folder)/metrics")
        let check = try Command.run(["promtool", "check", "metrics"], input: "\(site.folder)/metrics")
        #expect(check.exit == .code(0), "\(check.output)\(check.error)")
        #expect(check.output + check.error == "")
        #expect(try daemon.metric("rekindle_stored_total", #"region="r \"quoted\" \\ back""#) == 1)
        #expect(try daemon.metric("rekindle_refresh_seconds_count") == 1, "\(daemon.log)")
    }
}
