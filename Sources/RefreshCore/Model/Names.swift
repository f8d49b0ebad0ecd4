/// The name of a Postgres channel, as `LISTEN` takes it; case matters.
public struct ChannelName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is spelled.
    public let text: String
    /// The name as it is spelled.
    public var description: String { text }

    /// Takes a name as it is spelled.
    public init(_ text: String) { self.text = text }
}

/// The name of a cache region, as the configuration spells it.
public struct RegionName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is spelled.
    public let text: String
    /// The name as it is spelled.
    public var description: String { text }

    /// Takes a name as it is spelled.
    public init(_ text: String) { self.text = text }
}

/// The name of a registered query, as the configuration spells it.
public struct QueryName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is spelled.
    public let text: String
    /// The name as it is spelled.
    public var description: String { text }

    /// Takes a name as it is spelled.
    public init(_ text: String) { self.text = text }
}
