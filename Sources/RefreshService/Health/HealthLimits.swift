/// What a client of the health server may cost.
///
/// A client may hold at most one answer and one read of 8 KiB in memory, whatever it sends.
public struct HealthLimits: Sendable {
    /// Connections served at once. As many again are told 503 and closed; beyond those a connection is closed unheard.
    public var connections = 1_200

    /// Bytes of a request's line and headers together.
    public var headerBytes = 8_192

    /// Bytes of a request's body, which is read and ignored.
    public var bodyBytes = 65_536

    /// Requests that the daemon has not answered yet; above it the server answers for it at once. Fewer than
    /// connections, so that clients that wait for something long do not keep questions for the state out.
    public var unanswered = 1_100

    /// From a request's first byte to its last, however steadily it drips.
    public var request: Duration = .seconds(10)

    /// From the end of an exchange to the first byte of the next, and from connecting to the first byte.
    public var idle: Duration = .seconds(60)

    /// From a request's end to the daemon's answer; after it the server answers for the daemon.
    public var answer: Duration = .seconds(2)

    /// From an answer's first byte to its last, against clients that do not read.
    public var write: Duration = .seconds(10)

    /// What a client gets to notice a refusal, and `shutdown()` to finish answers.
    public var grace: Duration = .seconds(1)

    /// The limits of the daemon.
    public init() {}
}
