/// How long a cached value may be wrong, once writes and faults have stopped, by what the configuration allows.
///
/// It is the sum of the longest waits on the way: until a silent feed is noticed (two heartbeats), until a connection
/// is tried again and made, until a parked key or a paused query is tried again, for the statement that runs and the
/// one after it, and for Redis' answer. The time that the resync of a large region takes comes on top.
public struct ConvergenceBound: Sendable, Equatable {
    /// The longest pause before a connection is tried again.
    public static let reconnect = Moment.Span.seconds(10)
    /// The longest that a connection may take to be made.
    public static let connect = Moment.Span.seconds(10)
    /// The longest pause of a key or a query after a fault.
    public static let retry = Moment.Span.seconds(60)
    /// The longest that an answer of Redis may take.
    public static let redis = Moment.Span.seconds(10)

    /// The bound.
    public let span: Moment.Span

    /// The bound for a heartbeat and a statement's timeout.
    public init(heartbeat: Moment.Span, statementTimeout: Moment.Span) {
        let pauses = max(Self.retry, Self.reconnect + Self.connect)
        span = heartbeat + heartbeat + pauses + statementTimeout + statementTimeout + Self.redis
    }
}
