/// A registry by number, so that the hot path compares small integers and never a name.
///
/// A name keeps its number for the life of the process: what is in the queue when a configuration is reloaded
/// still means the same query. A number whose name is gone stands for nil. A query that makes other keys than
/// before, or keys of another region, is another query.
public struct Catalogue: Sendable {
    /// What is numbered.
    public let registry: Registry
    /// The regions by number.
    public private(set) var regions: [Region?] = []
    /// The queries by number.
    public private(set) var queries: [Query?] = []
    /// The channels by number.
    public private(set) var channels: [Channel?] = []
    /// The region of each query, by the query's number.
    public private(set) var regionOfQuery: [RegionID] = []
    /// The queries that fill each region, those with the most literal key templates first.
    public private(set) var queriesOfRegion: [[QueryID]] = []

    private var regionNumbers: [RegionName: RegionID] = [:]
    private var queryNumbers: [QueryIdentity: QueryID] = [:]
    private var channelNumbers: [ChannelName: ChannelID] = [:]
    /// The queries of the registry by name.
    private var current: [QueryName: QueryID] = [:]

    /// Numbers `registry`, keeping the numbers that `former` gave.
    public init(_ registry: Registry, after former: Catalogue? = nil) {
        self.registry = registry
        regionNumbers = former?.regionNumbers ?? [:]
        queryNumbers = former?.queryNumbers ?? [:]
        channelNumbers = former?.channelNumbers ?? [:]
        for region in registry.regions where regionNumbers[region.name] == nil {
            regionNumbers[region.name] = RegionID(regionNumbers.count)
        }
        let manglers = Dictionary(
            registry.regions.map { ($0.name, $0.mangler) }, uniquingKeysWith: { first, _ in first })
        let identities = registry.queries.map { QueryIdentity($0, manglers[$0.region] ?? nil) }
        for identity in identities where queryNumbers[identity] == nil {
            queryNumbers[identity] = QueryID(queryNumbers.count)
        }
        for channel in registry.channels where channelNumbers[channel.name] == nil {
            channelNumbers[channel.name] = ChannelID(channelNumbers.count)
        }
        place(registry, identities, formerRegions: former?.regionOfQuery ?? [])
    }

    private mutating func place(_ registry: Registry, _ identities: [QueryIdentity], formerRegions: [RegionID]) {
        regions = Array(repeating: nil, count: regionNumbers.count)
        queries = Array(repeating: nil, count: queryNumbers.count)
        channels = Array(repeating: nil, count: channelNumbers.count)
        queriesOfRegion = Array(repeating: [], count: regionNumbers.count)
        regionOfQuery = formerRegions
        regionOfQuery += Array(repeating: RegionID(0), count: queries.count - formerRegions.count)
        for region in registry.regions {
            if let id = regionNumbers[region.name] { regions[id.index] = region }
        }
        for channel in registry.channels {
            if let id = channelNumbers[channel.name] { channels[id.index] = channel }
        }
        for (query, identity) in zip(registry.queries, identities) {
            guard let id = queryNumbers[identity], let region = regionNumbers[query.region] else {
                continue
            }
            queries[id.index] = query
            current[query.name] = id
            regionOfQuery[id.index] = region
            if query.target == nil { queriesOfRegion[region.index].append(id) }
        }
        for index in queriesOfRegion.indices {
            queriesOfRegion[index] = queriesOfRegion[index].sorted { literals($0) > literals($1) }
        }
    }

    private func literals(_ id: QueryID) -> Int {
        guard let query = queries[id.index] else { return 0 }
        // A template without names fits one key only, so it is tried before any that fits many.
        return query.key.names.isEmpty ? Int.max : query.key.literalCount
    }

    /// The number of a region of the registry.
    public func region(_ name: RegionName) -> RegionID? {
        regionNumbers[name].flatMap { regions[$0.index] == nil ? nil : $0 }
    }

    /// The number of a query of the registry.
    public func query(_ name: QueryName) -> QueryID? {
        current[name]
    }

    /// The number of a channel of the registry.
    public func channel(_ name: ChannelName) -> ChannelID? {
        channelNumbers[name].flatMap { channels[$0.index] == nil ? nil : $0 }
    }

    /// The region that owns `key`: the one with the longest prefix that the key begins with.
    public func owner(of key: some Collection<UInt8>) -> RegionID? {
        var best: (id: RegionID, length: Int)?
        for (index, region) in regions.enumerated() {
            guard let region, region.mayOwn(key) else { continue }
            if best.map({ region.prefix.utf8.count > $0.length }) ?? true {
                best = (RegionID(index), region.prefix.utf8.count)
            }
        }
        return best?.id
    }
}

/// What must stay the same for a query to keep its number.
private struct QueryIdentity: Hashable {
    let name: QueryName
    let region: RegionName
    let key: Bytes
    let parameters: [Bytes]
    let mangler: KeyMangler?

    init(_ query: Query, _ mangler: KeyMangler?) {
        self.mangler = mangler
        name = query.name
        region = query.region
        key = Bytes(query.key.spelling)
        parameters = query.parameters.map { Bytes($0) }
    }
}
