import TestDaemon

/// P8: another session locks the table that most queries read.
final class LockedTable: Fault {
    private var session: SQLSession?

    var row: String { "P8" }
    var what: String { "LOCK TABLE lists" }
    var place: FaultPlace { .postgres }
    var length: ClosedRange<Double> { 0.5...4 }

    func inject(_ arena: Arena) throws {
        session = try SQLSession(url: arena.databaseURL)
        try session?.send("BEGIN; LOCK TABLE lists IN ACCESS EXCLUSIVE MODE")
    }

    func heal(_ arena: Arena) throws {
        try session?.run("COMMIT")
        session = nil
    }
}
