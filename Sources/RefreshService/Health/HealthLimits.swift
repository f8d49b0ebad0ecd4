/// What a client of the health server may cost.
///
/// A client may hold at most one answer and one read of 8 KiB in memory, whatever it sends; one that follows events, two
/// chunks of them.
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

    /// Clients that follow `/events` at once, besides `connections`.
    public var followers = 1_000

    /// About how many bytes of events are kept for those who are slow or come back, for each of the two moments.
    public var followerBacklog = 1 << 20

    /// About how many bytes of events are sent at a time, and may wait in a connection.
    public var followerChunk = 16 << 10

    /// How often those who follow are sent a line when there is nothing to tell.
    public var keepAlive: Duration = .seconds(15)

    /// For how many of those times a follower may take nothing before it is cut, and for how many the events of a
    /// channel are kept that nobody follows.
    public var followerStalls = 4, followerMemory = 4

    /// How many milliseconds a browser waits before it comes back.
    public var followerRetry = 1_000

    /// The limits of the daemon.
    public init() {}
}
