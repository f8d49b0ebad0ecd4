/// A daemon's answer as its client sees it.
public struct HealthReply: Sendable, Equatable {
    /// The HTTP status.
    public let status: Int

    /// The body.
    public let body: [UInt8]
}
