/// The name of a Postgres channel, as `LISTEN` takes it; case matters, and so does every byte.
///
/// Names are compared as bytes: Postgres tells texts apart that are canonically equivalent, and so equal `String`s.
public struct ChannelName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is spelled.
    public let text: String
    /// The name as it is spelled.
    public var description: String { text }

    /// Takes a name as it is spelled.
    public init(_ text: String) { self.text = text }

    /// Whether both are spelled with the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(Bytes(text)) }
}

/// The name of a cache region, as the configuration spells it.
public struct RegionName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is spelled.
    public let text: String
    /// The name as it is spelled.
    public var description: String { text }

    /// Takes a name as it is spelled.
    public init(_ text: String) { self.text = text }

    /// Whether both are spelled with the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(Bytes(text)) }
}

/// The name of a registered query, as the configuration spells it.
public struct QueryName: Hashable, Sendable, CustomStringConvertible {
    /// The name as it is spelled.
    public let text: String
    /// The name as it is spelled.
    public var description: String { text }

    /// Takes a name as it is spelled.
    public init(_ text: String) { self.text = text }

    /// Whether both are spelled with the same bytes.
    public static func == (left: Self, right: Self) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }
    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) { hasher.combine(Bytes(text)) }
}
