import TestDaemon

/// Carries a schedule out, and keeps the record of it.
struct Nemesis {
    /// What was done, with its times in seconds of the run.
    struct Record: Sendable {
        var row: String
        var what: String
        var from: Double
        var until: Double

        /// For the report.
        var line: String { "\(RunClock.text(from)) to \(RunClock.text(until)) s  \(row)  \(what)" }
    }

    /// Everything done so far.
    private(set) var records: [Record] = []

    /// Injects and heals the faults of a round at their times; returns when all are healed.
    mutating func run(
        _ round: [Schedule.Planned], _ arena: Arena, note: (String) -> Void, beforeLastHeal: () -> Void
    ) throws {
        let start = RunClock.now
        var waiting = round[...]
        var active: [(planned: Schedule.Planned, since: Double)] = []
        while !waiting.isEmpty || !active.isEmpty {
            let heal = active.indices.min { active[$0].planned.until < active[$1].planned.until }
            if let next = waiting.first, heal.map({ next.from <= active[$0].planned.until }) ?? true {
                waiting.removeFirst()
                RunClock.wait(until: start + next.from)
                let since = RunClock.now
                note("\(RunClock.text(since)) s  \(next.fault.row)  \(next.fault.what)")
                try next.fault.inject(arena)
                active.append((next, since))
            } else if let heal {
                let (planned, since) = active.remove(at: heal)
                RunClock.wait(until: start + planned.until)
                if active.isEmpty, waiting.isEmpty { beforeLastHeal() }
                try planned.fault.heal(arena)
                records.append(
                    Record(row: planned.fault.row, what: planned.fault.what, from: since, until: RunClock.now))
            }
        }
    }
}
