import TestDaemon
import TestServers
import Testing

/// A pool of queries, run side by side.
struct PoolTests {
    /// The queries wait for a lock, so that nobody has to guess how long they take.
    @Test("slow queries run at the same time, as many as there are workers and never more", arguments: [1, 3])
    func sideBySide(workers: Int) throws {
        let site = try Site()
        let holder = try site.session()
        try holder.run("SELECT pg_advisory_lock(42)")
        var body = "[regions.r]\nprefix = \"r:\"\n"
        for number in 1...6 {
            body += """

                [queries.q\(number)]
                region = "r"
                key = "\(number)"
                result = "scalar"
                sql = "SELECT \(number) FROM pg_advisory_xact_lock_shared(42)"
                """
        }
        body += "\n[channels.c]\npayload = \"text\"\nrefresh = ["
        body += (1...6).map { "{ query = \"q\($0)\" }" }.joined(separator: ", ") + "]\n"
        var configuration = DaemonConfiguration(body)
        configuration.postgres = "workers = \(workers)"
        configuration.service = "ready = \"listening\"\nheartbeat = \"60s\""
        let daemon = try site.daemon(configuration)
        func waiting() throws -> String {
            try site.sql(
                """
                SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'rekindle worker%'
                AND datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'
                """)
        }
        // The resync of the start asks for all six.
        try daemon.eventually("\(workers)") { try waiting() }
        #expect(site.cli("EXISTS", "r:1", "r:2", "r:3", "r:4", "r:5", "r:6") == "0")
        for _ in 1...20 { #expect(try waiting() == "\(workers)") }
        try holder.run("SELECT pg_advisory_unlock(42)")
        try daemon.eventually("6") { site.cli("EXISTS", "r:1", "r:2", "r:3", "r:4", "r:5", "r:6") }
        for number in 1...6 { #expect(site.cli("GET", "r:\(number)") == "\(number)") }
    }
}
