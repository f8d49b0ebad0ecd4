import Glibc
import TestDaemon
import TestServers
import Testing

/// More rows than anybody would hold in memory.
struct StreamedRowsTests {
    @Test("a region is filled with a million keys, ten million when REKINDLE_SOAK is set, in memory that does not grow")
    func filled() throws {
        let rows = getenv("REKINDLE_SOAK") == nil ? 1_000_000 : 10_000_000
        let site = try Site()
        let daemon = try site.start(
            .init(
                """
                [regions.r]
                prefix = "r:"
                [queries.q]
                region = "r"
                params = ["id"]
                sql = "SELECT $1::int AS id, md5($1::text) AS name"
                warm = "SELECT id FROM generate_series(1, \(rows)) AS id"
                """))
        let client = try site.redisClient()
        try daemon.eventually(within: .seconds(60)) { site.cli("EXISTS", "r:1") == "1" }
        let memory = daemon.mostResidentKiB
        try daemon.waitUntilReady(within: .seconds(120 * rows / 100_000))
        // Two keys are the daemon's own.
        #expect(try client.command("DBSIZE").number.map { $0 - 2 } == rows)
        let last = #"{"id":\#(rows),"name":"\#(try site.sql("SELECT md5('\(rows)')"))"}"#
        #expect(site.cli("GET", "r:\(rows)") == last)
        print("\(rows) keys: \(daemon.mostResidentKiB - memory) KiB more than at the first")
        #expect(!MemoryBound.holds || daemon.mostResidentKiB - memory < 32 << 10)
    }
}
