/// A region's number; the same name keeps its number across reloads.
public struct RegionID: Hashable, Sendable {
    /// The place in the catalogue's lists.
    public let index: Int
    /// Names a place in the catalogue's lists.
    public init(_ index: Int) { self.index = index }
}

/// A query's number; the same name keeps its number across reloads.
public struct QueryID: Hashable, Sendable {
    /// The place in the catalogue's lists.
    public let index: Int
    /// Names a place in the catalogue's lists.
    public init(_ index: Int) { self.index = index }
}

/// A channel's number; the same name keeps its number across reloads.
public struct ChannelID: Hashable, Sendable {
    /// The place in the catalogue's lists.
    public let index: Int
    /// Names a place in the catalogue's lists.
    public init(_ index: Int) { self.index = index }
}
