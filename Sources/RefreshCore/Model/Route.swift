/// A rule that publishes an event to Redis subscribers.
public struct Route: Sendable, Equatable {
    /// Where a message goes.
    public enum Target: Sendable, Hashable {
        /// `PUBLISH channel body`.
        case channel(String)
        /// `XADD stream MAXLEN ~ maxlen * …`; nil never trims.
        case stream(String, maxlen: Int?)
    }

    /// When a message leaves.
    public enum Moment: String, Sendable, CaseIterable {
        /// As soon as the event is received.
        case receive
        /// Once everything that the event refreshes or invalidates is stored.
        case refresh
    }

    /// What a message carries.
    public enum Body: String, Sendable, CaseIterable {
        /// The payload as it came.
        case payload
        /// A JSON object: channel, payload, key, sequence, epoch, time.
        case envelope
    }

    /// Where messages go.
    public let target: Target
    /// When they leave.
    public let after: Moment
    /// What they carry.
    public let body: Body

    /// Where messages go.
    public init(target: Target, after: Moment, body: Body) {
        self.target = target
        self.after = after
        self.body = body
    }
}
