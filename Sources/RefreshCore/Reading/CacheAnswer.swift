/// What Redis has told of a key.
public enum CacheAnswer: Sendable, Equatable {
    /// It has a value, in the form that readers get, which is stale or is not.
    case value([UInt8], isStale: Bool)
    /// It has none.
    case nothing
    /// It could not be asked.
    case away
}
