/// All that is registered: the regions, the queries that fill them and the channels that cause it.
///
/// A registry is consistent: every query names a region of it, every rule a query or region of it, and every
/// list of sources is as long as the parameters it fills. The configuration checks that before it makes one.
public struct Registry: Sendable, Equatable {
    public let regions: [Region]
    public let queries: [Query]
    public let channels: [Channel]

    public init(regions: [Region], queries: [Query], channels: [Channel]) {
        self.regions = regions
        self.queries = queries
        self.channels = channels
    }
}
