/// How a region works together with readers that lock a key while they compute its value, as dogpile.cache's do.
public struct LockPolicy: Sendable, Equatable {
    /// What stands before the Redis key of the value in that of its lock.
    public let prefix: String
    /// When Redis forgets a lock that was not released.
    public let timeoutMilliseconds: Int64
    /// How long a key is looked at again whose lock somebody else holds.
    public let patience: Moment.Span

    /// Makes a policy of its parts.
    public init(prefix: String, timeoutMilliseconds: Int64, patience: Moment.Span) {
        self.prefix = prefix
        self.timeoutMilliseconds = timeoutMilliseconds
        self.patience = patience
    }
}
