import Glibc
import TestDaemon
import TestServers
import Testing

@Suite("The server can not read its notification queue", .serialized)
struct DeafQueueTests {
    @Test("could not access status of transaction: the listener is made anew, and every region resynced")
    func lostStatus() throws {
        let site = try Site.shop(items: 50, ownPostgres: true)
        let first = (2 << 20) - 1_000
        site.postgres.stop()
        try site.postgres.skipTransactions(to: first)
        try site.postgres.start()
        let daemon = try site.daemon(Shop.body)
        let listener = "FROM pg_stat_activity WHERE application_name = 'rekindle listener'"
        let process = try #require(pid_t(try site.sql("SELECT pid \(listener)")))
        // Neither the listener's server process nor the daemon takes what is notified now.
        daemon.signal(SIGSTOP)
        kill(process, SIGSTOP)
        defer { kill(process, SIGCONT) }
        try site.sql("UPDATE items SET v = v + 1")
        // Rows that have been seen once can be read without that transaction's record.
        try site.sql("SELECT count(*) FROM items")
        // Transactions until the record of that one is on the disk only; and then it is gone.
        try site.sql("CREATE TABLE burnt ()")
        try site.session().run(
            """
            DO $$ BEGIN
                FOR i IN 1..400000 LOOP
                    BEGIN
                        INSERT INTO burnt DEFAULT VALUES;
                    EXCEPTION WHEN division_by_zero THEN NULL;
                    END;
                    IF i % 1000 = 0 THEN COMMIT; END IF;
                END LOOP;
            END $$
            """, within: .seconds(60))
        site.postgres.forgetTransactions(about: first)
        kill(process, SIGCONT)
        try eventually("0") { try site.sql("SELECT count(*) \(listener) AND pid = \(process)") }
        daemon.signal(SIGCONT)
        try daemon.converges(on: site, within: .seconds(30))
        #expect(site.postgres.log.contains("could not access status of transaction"))
        #expect(daemon.log.contains("notice listening") && daemon.log.contains("listener lost"))
        try daemon.eventually(1) { try daemon.metric("rekindle_gaps_total", "cause=\"listener\"") }
        try daemon.eventually(200, within: .seconds(20)) { try daemon.answer("/healthz").status }
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
    }
}
