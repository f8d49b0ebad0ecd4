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

/// How the payload of a dogpile.cache value is written.
public enum Serializer: String, Sendable, CaseIterable {
    /// JSON text.
    case json
    /// Python's pickle of plain types, which readers without a serializer of their own expect.
    case pickle
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
    /// How payloads are written; other than JSON only in the dogpile format.
    public let serializer: Serializer
    /// What makes the names of keys behind the prefix; nil leaves them as the templates make them.
    public let mangler: KeyMangler?
    /// The locks of its keys that readers know; nil when they are not to be cared for.
    public let locks: LockPolicy?
    /// What answers a gap.
    public let onGap: GapPolicy
    /// The most bytes that a value may have.
    public let largestValue: Int
    /// When values are stale; nil when they never are.
    public let freshness: Freshness?

    /// The most bytes that a value may have unless it is said otherwise.
    public static var usualLargestValue: Int { 64 << 20 }
    /// The most bytes that Redis takes as one value, unless it is configured otherwise.
    public static var largestOfRedis: Int { 512 << 20 }

    /// Makes a region of its parts.
    public init(
        name: RegionName, prefix: String, ttlMilliseconds: Int64?, format: ValueFormat,
        serializer: Serializer = .json, mangler: KeyMangler? = nil, locks: LockPolicy? = nil,
        onGap: GapPolicy, largestValue: Int = Self.usualLargestValue, freshness: Freshness? = nil
    ) {
        self.name = name
        self.prefix = prefix
        self.ttlMilliseconds = ttlMilliseconds
        self.format = format
        self.serializer = serializer
        self.mangler = mangler
        self.locks = locks
        self.onGap = onGap
        // dogpile.cache's metadata stand before the value.
        self.largestValue = format == .dogpile ? min(largestValue, Self.largestOfRedis - 64) : largestValue
        self.freshness = freshness
    }

    /// Whether the same is written for it as for another, whatever their soft clocks are.
    func isWritten(like other: Region) -> Bool {
        name == other.name && prefix == other.prefix && ttlMilliseconds == other.ttlMilliseconds
            && format == other.format && serializer == other.serializer && mangler == other.mangler
            && locks == other.locks && onGap == other.onGap && largestValue == other.largestValue
    }

    /// What stands for a row that is not there, where that is stored; a pickle is made of it like of every value.
    public var null: [UInt8] { format == .text ? [] : Array("null".utf8) }

    /// The name of a key that a template has made, as it stands behind the prefix.
    public func name(of key: Bytes) -> Bytes { mangler?.mangled(key) ?? key }

    /// Whether a key of Redis may be the region's. Of mangled keys without a prefix only what looks like a digest is.
    public func mayOwn(_ key: some Collection<UInt8>) -> Bool {
        if prefix.isEmpty, let mangler { return mangler.mayHaveMade(key) }
        return key.starts(with: prefix.utf8)
    }
}
