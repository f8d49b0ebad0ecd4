/// P10: every session of the daemon ends, and new ones are refused.
struct ConnectionLimit: Fault {
    var row: String { "P10" }
    var what: String { "all sessions end, CONNECTION LIMIT 0" }
    var place: FaultPlace { .postgres }
    var length: ClosedRange<Double> { 0.3...4 }

    func inject(_ arena: Arena) throws {
        try arena.makingGap("listener", what) {
            try arena.sql("ALTER ROLE \(Schema.role) CONNECTION LIMIT 0")
            try arena.sql(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = '\(Schema.role)'")
        }
    }

    func heal(_ arena: Arena) throws { try arena.sql("ALTER ROLE \(Schema.role) CONNECTION LIMIT -1") }
}
