import TestDaemon
import TestServers

/// Writers that commit many short transactions, each on a thread of its own, until they are stopped; they can pause.
final class Writers: Sendable {
    private struct State {
        var isPaused = true
        var isStopped = false
        var busy = 0
        var running = 0
    }

    private let state = Guarded(State())
    private let url: String
    private let board: Board
    private let ledger: Ledger
    private let seed: UInt64
    private let perSecond: Double

    /// Prepares writers that together commit about `perSecond` transactions a second; they begin paused.
    init(_ count: Int, url: String, board: Board, ledger: Ledger, seed: UInt64, perSecond: Double) throws {
        (self.url, self.board, self.ledger, self.seed) = (url, board, ledger, seed)
        self.perSecond = perSecond / Double(count)
        state.withLock { $0.running = count }
        for number in 1...count {
            try WaitingThread { [self] in
                run(UInt64(number))
                state.withLock { $0.running -= 1 }
            }.start()
        }
    }

    /// Lets them write.
    func resume() { state.withLock { $0.isPaused = false } }

    /// Lets none begin a transaction.
    func hold() { state.withLock { $0.isPaused = true } }

    /// Lets none begin a transaction, and waits until those under way have ended.
    func pause() throws {
        state.withLock { $0.isPaused = true }
        try eventually(0, within: .seconds(40)) { state.withLock { $0.busy } }
    }

    /// Ends them.
    func stop() throws {
        state.withLock { $0.isStopped = true }
        try eventually(0, within: .seconds(40)) { state.withLock { $0.running } }
    }

    private func run(_ number: UInt64) {
        var random = SeededGenerator(seed: seed, stream: 100 + number)
        var session: WriterSession?
        var next = RunClock.now
        while !state.withLock({ $0.isStopped }) {
            next = max(next + 1 / perSecond, RunClock.now - 0.5)
            RunClock.wait(until: next)
            guard begin() else { continue }
            if session?.isUsable != true { session = try? WriterSession(url: url) }
            if let session { write(session, &random) }
            state.withLock { $0.busy -= 1 }
        }
    }

    private func begin() -> Bool {
        state.withLock { state in
            if state.isPaused || state.isStopped { return false }
            state.busy += 1
            return true
        }
    }

    private func write(_ session: WriterSession, _ random: inout SeededGenerator) {
        let transaction = next(&random)
        let begin = RunClock.now
        let outcome = session.transaction(transaction.statements, commits: transaction.commits)
        ledger.note(transaction, outcome, begin: begin, end: RunClock.now)
    }

    private func next(_ random: inout SeededGenerator) -> Transaction {
        let counter = Int.random(in: 1...Schema.counters, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<60:
            let lists = board.pick(Int.random(in: 2...3, using: &random), using: &random)
            return .append(board.number(), to: lists, counter: counter)
        case 60..<82:
            let pair = board.pickPair(using: &random)
            return .append(board.number(), to: [pair, pair + 1], pair: pair, counter: counter)
        case 82..<87:
            var undone = Transaction.append(
                board.number(), to: board.pick(2, using: &random), counter: counter)
            undone.commits = false
            return undone
        case 87..<97:
            return .page(
                Int.random(in: 1...Schema.pages, using: &random), lives: Int.random(in: 0..<3, using: &random) > 0)
        case 97:
            return .purge()
        default:
            guard let list = board.takeRetired() else { return .page(1, lives: true) }
            return .bury(list)
        }
    }
}
