import TestServers

/// What the writers did, and when they knew.
final class Ledger: Sendable {
    /// When a list's number was appended, as far as its writer can tell.
    struct Append: Sendable {
        /// When the transaction was begun.
        var begin: Double
        /// When it was known to be committed; nil while in doubt.
        var committed: Double?
    }

    /// How many there were of something, by its name, and of those how many in doubt.
    struct Tally: Sendable, Equatable {
        var certain = 0
        var doubtful = 0
    }

    private struct State {
        var appends: [Int: Append] = [:]
        var outcomes: [WriterSession.Outcome: Int] = [:]
        var notifications: [String: Tally] = [:]
    }

    private let state = Guarded(State())

    /// Notes a transaction that has ended.
    func note(_ transaction: Transaction, _ outcome: WriterSession.Outcome, begin: Double, end: Double) {
        state.withLock { state in
            state.outcomes[outcome, default: 0] += 1
            if outcome == .undone || !transaction.commits { return }
            if let number = transaction.number {
                state.appends[number] = Append(begin: begin, committed: outcome == .committed ? end : nil)
            }
            for channel in transaction.channels {
                if outcome == .committed {
                    state.notifications[channel, default: Tally()].certain += 1
                } else {
                    state.notifications[channel, default: Tally()].doubtful += 1
                }
            }
        }
    }

    /// Notes notifications that were sent for certain, by others than writers.
    func sent(_ channel: String, _ count: Int) {
        state.withLock { $0.notifications[channel, default: Tally()].certain += count }
    }

    /// The appends, by number.
    var appends: [Int: Append] { state.withLock { $0.appends } }

    /// How many transactions ended how.
    var outcomes: [WriterSession.Outcome: Int] { state.withLock { $0.outcomes } }

    /// How many notifications were sent, by channel.
    var notifications: [String: Tally] { state.withLock { $0.notifications } }
}
