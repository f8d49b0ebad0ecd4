import Glibc

/// P12: the server processes behind one kind of the daemon's sessions stop without ending: no cancel reaches them.
final class FrozenBackend: Fault {
    private let role: String
    private var processes: [pid_t] = []

    init(role: String) { self.role = role }

    var row: String { "P12" }
    var what: String { "kill -STOP of the \(role) session's backend" }
    var place: FaultPlace { .postgres }
    var length: ClosedRange<Double> { 0.5...4 }

    func inject(_ arena: Arena) throws {
        let found = try arena.sql(
            """
            SELECT pid FROM pg_stat_activity
            WHERE usename = '\(Schema.role)' AND application_name LIKE '% \(role)%' LIMIT 1
            """)
        processes = found.split(separator: "\n").compactMap { pid_t($0) }
        for process in processes { kill(process, SIGSTOP) }
    }

    func heal(_ arena: Arena) throws {
        for process in processes { kill(process, SIGCONT) }
        processes = []
    }
}
