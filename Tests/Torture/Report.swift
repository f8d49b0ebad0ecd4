/// What a run found.
struct Report {
    var violations: [Violation] = []
    var records: [Nemesis.Record] = []
    var rounds = 0
    var keys = 0
    var writes = 0
    var sightings = 0
    var outcomes: [WriterSession.Outcome: Int] = [:]
    /// The longest that the cache took to become right, in seconds.
    var slowest = 0.0
    /// The most memory that a daemon had, in KiB.
    var memory = 0
    /// The most bytes that a queue had.
    var queue = 0

    /// Adds violations that are not known yet.
    mutating func add(_ found: [Violation]) {
        for violation in found where !violations.contains(violation) { violations.append(violation) }
    }

    /// The report as text.
    func text(_ plan: Run.Plan) -> String {
        var lines = ["seed \(plan.seed), \(rounds) rounds, \(records.count) faults:"]
        lines += records.map { "  \($0.line)" }
        let (committed, undone, doubtful) = (
            outcomes[.committed] ?? 0, outcomes[.undone] ?? 0, outcomes[.doubtful] ?? 0
        )
        lines += [
            "transactions: \(committed) committed, \(undone) undone, \(doubtful) in doubt",
            "values: \(writes) written by the server's log, \(sightings) seen by readers, \(keys) keys compared",
            "right again after at most \(RunClock.text(slowest)) s of \(RunClock.text(Run.bound)) s",
            "most memory \(memory) KiB of \(Run.memoryBound) KiB, longest queue \(queue) B",
        ]
        for guarantee in Guarantee.allCases {
            let found = violations.filter { $0.guarantee == guarantee }
            guard let first = found.first else {
                lines.append("\(guarantee.rawValue) held: \(guarantee.promise)")
                continue
            }
            lines.append("\(guarantee.rawValue) VIOLATED \(found.count) times: \(first.what)")
            lines += first.history.map { "    \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
