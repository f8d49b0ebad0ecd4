/// P1: one of the daemon's sessions is ended by the server.
struct KilledSession: Fault {
    /// The end of its `application_name`.
    let role: String

    var row: String { "P1" }
    var what: String { "pg_terminate_backend of the \(role) session" }
    var place: FaultPlace { .postgres }

    func inject(_ arena: Arena) throws {
        let kill = {
            _ = try arena.sql(
                """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                WHERE usename = '\(Schema.role)' AND application_name LIKE '% \(role)%'
                """)
        }
        if role == "listener" { try arena.makingGap("listener", what, kill) } else { try kill() }
    }
}
