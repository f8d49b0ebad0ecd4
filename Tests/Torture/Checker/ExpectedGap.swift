/// A gap that a fault made for certain, and that the daemon must report.
struct ExpectedGap: Equatable, Sendable {
    /// The cause that it must report.
    var cause: String
    /// The daemon's number and process.
    var slot: Int
    var process: Int32
    /// How many gaps of the cause it had reported before.
    var before: Int
    /// When the fault was injected, and which.
    var time: Double
    var fault: String

    /// The violation when the gap is not reported; nil when it is, or when nobody can tell.
    ///
    /// A process that has ended since took its figures with it: its successor must report the gap of its start.
    ///
    /// - Parameters:
    ///   - process: the daemon's process now.
    ///   - count: gaps of the cause that it has reported by now, of the cause `start` if it is another process.
    func violation(process: Int32, count: Int) -> Violation? {
        let isSame = process == self.process
        guard count <= (isSame ? before : 0) else { return nil }
        return Violation(
            guarantee: .nothingLostUnseen, what: "A gap that the fault made for certain is not reported.",
            history: [
                "\(RunClock.text(time)) s, fault: \(fault)",
                "\(RunClock.text(RunClock.now)) s, daemon \(slot): \(count) gaps of cause "
                    + (isSame ? "\(cause), as before" : "start"),
            ])
    }
}
