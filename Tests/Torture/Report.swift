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

    /// The bound of G3 and G7, in seconds.
    var bound = 0.0
    /// The longest that a reader saw a committed number missing while health was green, in seconds.
    var greenStaleness = 0.0
    /// How often health was asked.
    var healthAnswers = 0
    /// How many bytes of the server's log were read.
    var logBytes = 0

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
            "values: \(writes) written by the server's log (\(logBytes / 1_000_000) MB), \(sightings) seen by readers, \(keys) keys compared",
            "right again after at most \(RunClock.text(slowest)) s of \(RunClock.text(bound)) s",
            "health: asked \(healthAnswers) times; a committed change was missing for at most "
                + "\(RunClock.text(greenStaleness)) s while it was green",
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
