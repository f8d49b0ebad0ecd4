import TestDaemon

/// Compares what writers have sent with what the daemons have received, whenever nobody writes.
struct FeedAccount {
    private static let channels = [
        "lists_changed", "pairs_changed", "counters_changed", "counter_changed", "pages_changed", "pages_gone",
        "all_gone",
    ]
    private var last: [Int: FeedCheck.Count] = [:]

    /// Compares since the last call; waits a moment for what is still on its way.
    mutating func settle(_ slots: [DaemonSlot], _ ledger: Ledger) -> [Violation] {
        var violations: [Violation] = []
        for slot in slots {
            let end = RunClock.now + 3
            var found: [Violation] = []
            repeat {
                guard let count = Self.count(slot, ledger) else {
                    last[slot.number] = nil
                    break
                }
                found = last[slot.number].map { FeedCheck.violations(daemon: slot.number, from: $0, to: count) } ?? []
                if found.isEmpty || RunClock.now > end {
                    last[slot.number] = count
                    break
                }
                RunClock.wait(until: RunClock.now + 0.1)
            } while true
            violations += found
        }
        return violations
    }

    private static func count(_ slot: DaemonSlot, _ ledger: Ledger) -> FeedCheck.Count? {
        let process = slot.daemon.id
        guard let status = try? slot.daemon.status(), let gaps = slot.gaps("listener"),
            let isOpen = slot.isGapOpen
        else { return nil }
        var received: [String: Int] = [:]
        for channel in channels {
            received[channel] = status.named(channel, in: "channels", "notifications").flatMap { Int($0) }
        }
        return .init(
            process: process, gaps: gaps, isOpen: isOpen, received: received,
            sent: ledger.notifications.mapValues(\.certain))
    }
}
