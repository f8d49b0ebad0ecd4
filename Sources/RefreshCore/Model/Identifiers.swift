/// A region's number; the same name keeps its number across reloads.
public struct RegionID: Hashable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
}

/// A query's number; the same name keeps its number across reloads.
public struct QueryID: Hashable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
}

/// A channel's number; the same name keeps its number across reloads.
public struct ChannelID: Hashable, Sendable {
    public let index: Int
    public init(_ index: Int) { self.index = index }
}
