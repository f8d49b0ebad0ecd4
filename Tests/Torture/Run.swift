import TestDaemon
import TestServers

/// One run: rounds of writes under faults, each followed by a calm in which the cache must become right.
final class Run {
    /// What is asked for.
    struct Plan {
        var seconds: Double
        var seed: UInt64
        var sabotage: Sabotage?
        var rows: [String]?
    }

    /// The bound of G3 and G7 in seconds: what the daemon says, and on top a resync of all regions, for which a debug
    /// build on a busy machine may take 10 s.
    private var bound: Double { (arena.owner.convergenceBound ?? saidBound) + 10 }
    /// What it said when it did answer: two heartbeats (0.5 s each), the longest pause of a query (60 s), a query's
    /// deadline twice (5 s) and Redis' answer (10 s).
    private var saidBound = 2 * 0.5 + 60 + 2 * 5 + 10
    /// In a sabotaged run it is enough that a daemon which has nothing to do leaves a key wrong for so long.
    private static let patience = 4.0
    /// The most memory that a debug build may have resident, in KiB; a sanitizer has memory of its own.
    static let memoryBound = MemoryBound.holds ? 256 * 1024 : .max

    private let plan: Plan
    private let arena: Arena
    private let board = Board(lists: 24, pairs: 6)
    private let ledger = Ledger()
    private let writers: Writers
    private let readers: [KeyReader]
    private let watches: [HealthWatch]
    private var nemesis = Nemesis()
    private var report = Report()
    private var account = FeedAccount()
    private var coin: SeededGenerator

    /// Starts everything.
    init(_ plan: Plan) throws {
        self.plan = plan
        coin = SeededGenerator(seed: plan.seed, stream: 2)
        RunClock.begin()
        let daemons = plan.seed % 2 == 0 || plan.sabotage == .fence ? 2 : 1
        arena = try Arena(daemons: daemons, ledger: ledger, sabotage: plan.sabotage?.rawValue)
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
        let faults = plan.sabotage?.faults ?? FaultList.all(daemons: arena.slots.count)
        let chosen = plan.rows.map { rows in faults.filter { rows.contains($0.row) } } ?? faults
        var schedule = Schedule(seed: plan.seed, faults: chosen)
        repeat {
            try round(schedule.nextRound())
        } while RunClock.now - start < plan.seconds && !isDecided
        try finish()
        return report
    }

    /// Whether a violation was found; of a sabotaged run, one that it must find.
    private var isDecided: Bool {
        report.violations.contains { plan.sabotage?.breaks.contains($0.guarantee) ?? true }
    }

    private func round(_ faults: [Schedule.Planned]) throws {
        writers.resume()
        let drawn = RoundEnding.allCases.randomElement(using: &coin) ?? .calm
        let ending = plan.sabotage?.ending ?? drawn
        try nemesis.run(faults, arena) {
            say($0)
        } beforeLastHeal: {
            if ending == .stopped { writers.hold() }
        }
        if ending != .stopped { RunClock.wait(until: RunClock.now + 0.7) }
        let end = RunClock.now + 15
        while ending == .repaired, RunClock.now < end, arena.owner.isGapOpen != false {
            RunClock.wait(until: RunClock.now + 0.1)
        }
        try writers.pause()
        try converge()
        arena.readLog()
        report.add(arena.logCheck.violations)
        for reader in readers { report.add(reader.check.violations) }
        report.add(unansweredGaps() + arena.missingGaps() + account.settle(arena.slots, ledger))
        report.rounds += 1
    }

    /// The owner's gaps, all of which must be answered within the bound; a sabotaged daemon is not waited for.
    private func unansweredGaps() -> [Violation] {
        if plan.sabotage != nil { return [] }
        let start = RunClock.now
        while arena.owner.isGapOpen != false {
            guard RunClock.now - start < bound else {
                return [
                    Violation(
                        guarantee: .nothingLostUnseen, what: "Every key is right, and a gap is still open.",
                        history: nemesis.records.suffix(3).map(\.line)
                            + ["\(RunClock.text(RunClock.now)) s, daemon \(arena.owner.number): a gap is open"])
                ]
            }
            RunClock.wait(until: RunClock.now + 0.1)
        }
        return []
    }

    /// Polls until every key is right; a key that is not when the bound has passed is a violation.
    private func converge() throws {
        let start = RunClock.now
        saidBound = arena.owner.convergenceBound ?? saidBound
        var idleSince: Double?
        while true {
            let expected = try CacheImage.expected(arena.postgres, url: arena.databaseURL)
            let found = try CacheImage.found(path: arena.redis.socketPath)
            let differences = ConvergenceCheck.differences(expected: expected, found: found)
            let took = RunClock.now - start
            report.keys = max(report.keys, expected.count)
            report.slowest = max(report.slowest, took)
            if differences.isEmpty { return }
            let isIdle = plan.sabotage != nil && arena.owner.isIdle
            idleSince = isIdle ? idleSince ?? RunClock.now : nil
            if took > bound || idleSince.map({ RunClock.now - $0 > Self.patience }) == true {
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
        report.bound = bound
        let numbers = lists.mapValues {
            $0.split(separator: UInt8(ascii: ",")).compactMap { Int(String(decoding: $0, as: UTF8.self)) }
        }
        let spans = readers.flatMap(\.spans)
        let (appends, health) = (ledger.appends, watches.map(\.answers))
        report.add(
            HonestyCheck.violations(spans: spans, lists: numbers, appends: appends, health: health, bound: bound))
        report.greenStaleness = HonestyCheck.worst(spans: spans, lists: numbers, appends: appends, health: health)
        report.healthAnswers = health.map(\.count).reduce(0, +)
        report.logBytes = arena.logBytes
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
