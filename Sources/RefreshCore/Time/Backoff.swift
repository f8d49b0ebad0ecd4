/// Growing, capped, jittered pauses between attempts.
///
/// The n-th pause lies between half of and the whole of `first * 2^(n-1)`, never above `cap`. Jitter keeps many
/// daemons that lost one server from coming back at the same instant.
public struct Backoff: Sendable {
    /// The longest that the first pause may be.
    public let first: Moment.Span
    /// The longest that any pause may be.
    public let cap: Moment.Span
    /// How many attempts have failed in a row.
    public private(set) var attempts = 0

    /// Pauses that begin at `first` and grow to `cap`.
    public init(first: Moment.Span, cap: Moment.Span) {
        self.first = first
        self.cap = cap
    }

    /// The pause after one more failure; `random` is any uniform number.
    public mutating func next(random: UInt64) -> Moment.Span {
        attempts += 1
        return Self.pause(attempt: attempts, first: first, cap: cap, random: random)
    }

    /// An attempt succeeded: the next pause is the shortest again.
    public mutating func reset() { attempts = 0 }

    /// The pause after the `attempt`-th failure in a row, counted from 1.
    public static func pause(attempt: Int, first: Moment.Span, cap: Moment.Span, random: UInt64) -> Moment.Span {
        let shift = min(max(attempt, 1) - 1, 40)
        let (grown, overflow) = first.nanoseconds.multipliedReportingOverflow(by: 1 << Int64(shift))
        let whole = max(0, overflow ? cap.nanoseconds : min(grown, cap.nanoseconds))
        let half = whole / 2
        return Moment.Span(nanoseconds: half + Int64(random % UInt64(max(1, whole - half + 1))))
    }
}
