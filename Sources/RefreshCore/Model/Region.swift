/// How a value is written under its key.
public enum ValueFormat: String, Sendable, CaseIterable {
    /// The JSON text of the result.
    case json
    /// The text of a scalar, as Postgres prints it.
    case text
    /// A Redis hash with one field a column.
    case hash
    /// dogpile.cache's metadata, a `|`, and the JSON text of the result.
    case dogpile
}

/// What happens to a region's keys after a stretch in which notifications may have been lost.
public enum GapPolicy: String, Sendable, CaseIterable {
    /// Every key is refreshed.
    case refresh
    /// Every key is deleted.
    case delete
}

/// A named part of the cache: its key prefix, expiry, value format and policy.
public struct Region: Sendable, Equatable {
    /// What the configuration calls it.
    public let name: RegionName
    /// What every key of the region begins with; two regions never share one.
    public let prefix: String
    /// The hard expiry in milliseconds; nil keeps a value until it is replaced or deleted.
    public let ttlMilliseconds: Int64?
    /// How values are written.
    public let format: ValueFormat
    /// What answers a gap.
    public let onGap: GapPolicy
    /// When values are stale; nil when they never are.
    public let freshness: Freshness?

    /// What the configuration calls it.
    public init(
        name: RegionName, prefix: String, ttlMilliseconds: Int64?, format: ValueFormat, onGap: GapPolicy,
        freshness: Freshness? = nil
    ) {
        self.name = name
        self.prefix = prefix
        self.ttlMilliseconds = ttlMilliseconds
        self.format = format
        self.onGap = onGap
        self.freshness = freshness
    }

    /// Whether the same is written for it as for another, whatever their soft clocks are.
    func isWritten(like other: Region) -> Bool {
        name == other.name && prefix == other.prefix && ttlMilliseconds == other.ttlMilliseconds
            && format == other.format && onGap == other.onGap
    }
}
