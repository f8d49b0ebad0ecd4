import TestServers

/// P5: Postgres ends as if it had crashed, and is started again.
struct CrashedPostgres: Fault {
    var row: String { "P5" }
    var what: String { "Postgres crashes (SIGQUIT) and starts again" }
    var place: FaultPlace { .postgres }
    var length: ClosedRange<Double> { 0.1...2.5 }

    func inject(_ arena: Arena) throws {
        arena.makingGap("listener", what) { arena.postgres.stop(immediate: true) }
    }

    func heal(_ arena: Arena) throws { try arena.postgres.start() }
}
