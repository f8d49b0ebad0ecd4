import TestDaemon
import TestServers

/// One run: rounds of writes under faults, each followed by a calm in which the cache must become right.
final class Run {
    /// What is asked for.
    struct Plan {
        var seconds: Double
        var seed: UInt64
        var sabotage: String?
        var isQuiet = false
    }

    /// The bound of G3 in seconds: two heartbeats (0.5 s each), the longest pause between attempts (10 s), a resync
    /// of all regions (10 s, far more than a debug build takes) and a query's deadline (5 s and 5 s for its answer).
    static let bound = 2 * 0.5 + 10 + 10 + 5 + 5
    /// The most memory that a debug build may have resident, in KiB.
    static let memoryBound = 256 * 1024

    private let plan: Plan
    private let arena: Arena
    private let board = Board(lists: 24, pairs: 6)
    private let ledger = Ledger()
    private let writers: Writers
    private let readers: [KeyReader]
    private let watches: [HealthWatch]
    private var nemesis = Nemesis()
    private var report = Report()

    /// Starts everything.
    init(_ plan: Plan) throws {
        self.plan = plan
        RunClock.begin()
        let daemons = plan.seed % 2 == 0 || plan.sabotage == "fence" ? 2 : 1
        arena = try Arena(daemons: daemons, ledger: ledger, sabotage: plan.sabotage)
        writers = try Writers(
            4, url: arena.databaseURL, board: board, ledger: ledger, seed: plan.seed, perSecond: 120)
        readers = try (1...2).map { [board, arena] in
            try KeyReader($0, path: arena.redis.socketPath, board: board)
        }
        watches = try arena.slots.map { slot in
            try HealthWatch(path: slot.daemon.socketPath) { slot.daemon.id }
        }
    }

    /// Carries it out, and gives what was found.
    func carryOut() throws -> Report {
        let start = RunClock.now
        let faults = plan.sabotage.map(FaultList.tilted) ?? FaultList.all(daemons: arena.slots.count)
        var schedule = Schedule(seed: plan.seed, faults: faults)
        repeat {
            try round(schedule.nextRound())
        } while RunClock.now - start < plan.seconds && report.violations.isEmpty
        try finish()
        return report
    }

    private func round(_ faults: [Schedule.Planned]) throws {
        writers.resume()
        try nemesis.run(faults, arena) { if !plan.isQuiet { say($0) } }
        RunClock.wait(until: RunClock.now + 0.7)
        try writers.pause()
        try converge()
        arena.readLog()
        report.add(arena.logCheck.violations)
        for reader in readers { report.add(reader.check.violations) }
        report.add(arena.missingGaps())
        report.rounds += 1
    }

    /// Polls until every key is right; a key that is not when the bound has passed is a violation.
    private func converge() throws {
        let start = RunClock.now
        while true {
            let expected = try CacheImage.expected(arena.postgres, url: arena.databaseURL)
            let found = try CacheImage.found(path: arena.redis.socketPath)
            let differences = ConvergenceCheck.differences(expected: expected, found: found)
            let took = RunClock.now - start
            report.keys = max(report.keys, expected.count)
            report.slowest = max(report.slowest, took)
            if differences.isEmpty { return }
            if took > Self.bound {
                report.add([
                    Violation(
                        guarantee: .convergent,
                        what:
                            "\(differences.count) keys differ \(RunClock.text(took)) s after the last write and fault.",
                        history: nemesis.records.suffix(3).map(\.line)
                            + differences.prefix(5).map { "\(RunClock.text(RunClock.now)) s, \($0.line)" })
                ])
                return
            }
            RunClock.wait(until: RunClock.now + 0.1)
        }
    }

    private func finish() throws {
        try writers.stop()
        for reader in readers { reader.stop() }
        for watch in watches { watch.stop() }
        arena.readLog()
        let lists = try CacheImage.finalLists(arena.postgres, url: arena.databaseURL)
        arena.finishLog(lists)
        report.add(arena.logCheck.violations)
        for reader in readers {
            var check = reader.check
            check.finish(lists)
            report.add(check.violations)
            report.sightings += check.count
        }
        report.writes = arena.logCheck.count
        report.outcomes = ledger.outcomes
        report.records = nemesis.records
        boundsHold()
    }

    private func boundsHold() {
        for (slot, watch) in zip(arena.slots, watches) {
            report.memory = max(report.memory, watch.memory)
            report.queue = max(report.queue, watch.queue.bytes)
            report.add(
                BoundsCheck.violations(
                    daemon: slot.number, memory: watch.memory, memoryBound: Self.memoryBound,
                    queue: watch.queue.bytes, queueBound: watch.queue.limit))
        }
    }
}
