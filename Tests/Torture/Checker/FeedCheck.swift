/// Decides one half of G4: where no gap was reported, every notification that was committed was received.
enum FeedCheck {
    /// What a daemon and the writers knew at one moment at which nobody wrote.
    struct Count: Equatable, Sendable {
        /// The daemon's process.
        var process: Int32
        /// Gaps of its feed that it has reported.
        var gaps: Int
        /// Whether it says that one is open: then what is lost belongs to it.
        var isOpen: Bool
        /// Notifications received, by channel.
        var received: [String: Int]
        /// Notifications sent for certain, by channel.
        var sent: [String: Int]
    }

    /// The channels of which notifications are missing between two moments; none when a gap was reported meanwhile.
    static func violations(daemon: Int, from before: Count, to after: Count) -> [Violation] {
        guard before.process == after.process, before.gaps == after.gaps, !before.isOpen, !after.isOpen else {
            return []
        }
        var violations: [Violation] = []
        for (channel, total) in after.sent.sorted(by: { $0.key < $1.key }) {
            let sent = total - before.sent[channel, default: 0]
            let received = after.received[channel, default: 0] - before.received[channel, default: 0]
            guard received < sent else { continue }
            violations.append(
                Violation(
                    guarantee: .nothingLostUnseen,
                    what: "Notifications are missing, and daemon \(daemon) reports no gap.",
                    history: ["\(RunClock.text(RunClock.now)) s, channel \(channel): \(received) of \(sent) received"]))
        }
        return violations
    }
}
