/// Names a key of the cache.
public struct CacheKey: Hashable, Sendable {
    /// The region that it is of.
    public let region: RegionID
    /// The key as it is stored, without its region's prefix.
    public let key: Bytes

    /// Names a key behind a region's prefix.
    public init(region: RegionID, key: Bytes) {
        self.region = region
        self.key = key
    }
}
