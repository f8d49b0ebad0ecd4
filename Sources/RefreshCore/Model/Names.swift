/// The name of a Postgres channel, as `LISTEN` takes it; case matters.
public struct ChannelName: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    public init(_ text: String) { self.text = text }
}

/// The name of a cache region, as the configuration spells it.
public struct RegionName: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    public init(_ text: String) { self.text = text }
}

/// The name of a registered query, as the configuration spells it.
public struct QueryName: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    public var description: String { text }

    public init(_ text: String) { self.text = text }
}
