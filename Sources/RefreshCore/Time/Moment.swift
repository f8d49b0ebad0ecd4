/// A point on the monotonic clock, in nanoseconds. The core never reads a clock: moments come in as arguments.
public struct Moment: Hashable, Comparable, Sendable {
    /// Nanoseconds; of a moment, since the clock's beginning.
    public let nanoseconds: Int64

    /// Takes nanoseconds.
    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Whether the left comes before the right.
    public static func < (left: Moment, right: Moment) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment `span` later.
    public static func + (moment: Moment, span: Span) -> Moment {
        Moment(nanoseconds: moment.nanoseconds &+ span.nanoseconds)
    }

    /// The time from `earlier` to `later`.
    public static func - (later: Moment, earlier: Moment) -> Span {
        Span(nanoseconds: later.nanoseconds &- earlier.nanoseconds)
    }

    /// A length of time, in nanoseconds.
    public struct Span: Hashable, Comparable, Sendable {
        /// Nanoseconds; of a moment, since the clock's beginning.
        public let nanoseconds: Int64

        /// Takes nanoseconds.
        public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

        /// So many milliseconds.
        public static func milliseconds(_ count: Int64) -> Span { Span(nanoseconds: count &* 1_000_000) }
        /// So many seconds.
        public static func seconds(_ count: Int64) -> Span { Span(nanoseconds: count &* 1_000_000_000) }
        /// Both together.
        public static func + (left: Span, right: Span) -> Span {
            Span(nanoseconds: left.nanoseconds &+ right.nanoseconds)
        }
        /// Whether the left comes before the right.
        public static func < (left: Span, right: Span) -> Bool { left.nanoseconds < right.nanoseconds }

        /// The length in seconds.
        public var seconds: Double { Double(nanoseconds) / 1e9 }
    }
}
