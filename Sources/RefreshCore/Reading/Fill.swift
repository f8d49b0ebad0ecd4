/// One making of a value that readers have caused.
public struct Fill: Sendable, Equatable {
    /// Tells it from others of the same key.
    public let number: UInt64
    /// The value's key.
    public let wanted: CacheKey
    /// The query that makes it.
    public let query: QueryID
    /// The query's parameters.
    public let parameters: Bytes

    init(_ number: UInt64, _ wanted: CacheKey, by maker: (query: QueryID, parameters: Bytes)) {
        self.number = number
        self.wanted = wanted
        query = maker.query
        parameters = maker.parameters
    }
}
