/// All that is registered: the regions, the queries that fill them and the channels that cause it.
///
/// A registry is consistent: every query names a region of it, every rule a query or region of it, and every
/// list of sources is as long as the parameters it fills. The configuration checks that before it makes one.
public struct Registry: Sendable, Equatable {
    /// The parts of the cache.
    public let regions: [Region]
    /// What fills them.
    public let queries: [Query]
    /// What causes that.
    public let channels: [Channel]

    /// The parts of the cache.
    public init(regions: [Region], queries: [Query], channels: [Channel]) {
        self.regions = regions
        self.queries = queries
        self.channels = channels
    }
}
