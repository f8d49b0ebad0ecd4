import RefreshCore

/// Makes the registry of regions, queries and channels, and checks them against each other.
///
/// Faulty ones are left out, so the registry is consistent only when there is no fault.
struct RegistryDecoder {
    let regions: [Declared<Region>]
    let queries: [Declared<QueryDeclaration>]
    let resolvers: [Declared<QueryDeclaration>]
    let channels: [Declared<Channel>]

    init(_ tree: SourceTree, faults: FaultList) {
        regions = tree.declared(.regions, faults: faults, RegionDecoder.region)
        let regionsByName = Self.byName(regions)
        queries = tree.declared(.queries, faults: faults, QueryDecoder(regions: regionsByName).declaration)
        let queriesByName = Self.byName(queries)
        resolvers = tree.declared(.resolvers, faults: faults, ResolverDecoder(queries: queriesByName).declaration)
        let channelDecoder = ChannelDecoder(
            regions: regionsByName, queries: queriesByName, resolvers: Self.byName(resolvers))
        channels = tree.declared(.channels, faults: faults, channelDecoder.channel)
        RegionDecoder.checkPrefixes(regions, faults: faults)
        checkKeys(faults)
        checkWholes(faults)
        // A rule that is left out for a fault would make warnings that are not true.
        if faults.faults.isEmpty { warnOfUnused(tree, faults) }
    }

    var registry: Registry {
        Registry(
            regions: regions.compactMap(\.value), queries: (queries + resolvers).compactMap { $0.value?.query },
            channels: channels.compactMap(\.value))
    }

    private static func byName<Value>(_ declared: [Declared<Value>]) -> [String: Declared<Value>] {
        Dictionary(declared.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Two queries that make the same keys of one region would overwrite each other's values.
    private func checkKeys(_ faults: FaultList) {
        struct Shape: Hashable {
            let region: RegionName
            let parts: [[UInt8]?]
        }
        var makers: [Shape: String] = [:]
        for declared in queries {
            guard let declaration = declared.value, let query = declaration.query else { continue }
            let shape = Shape(region: query.region, parts: query.key.shape)
            if let maker = makers[shape] {
                faults.fault(
                    declaration.keyPlace,
                    "query \(declared.name.quoted) makes the same keys as query \(maker.quoted) in region "
                        + "\(query.region.text.quoted); add a text of its own to its key")
            } else {
                makers[shape] = declared.name
            }
        }
    }

    /// A query by key fills all of its region, and deletes what is not its own.
    private func checkWholes(_ faults: FaultList) {
        for declared in queries {
            guard let query = declared.value?.query, query.all != nil else { continue }
            guard
                let other = queries.first(where: { $0.name != declared.name && $0.value?.region == query.region.text })
            else { continue }
            faults.fault(
                declared.place,
                "query \(declared.name.quoted) has result = \"by_key\" and needs a region of its own, but query "
                    + "\(other.name.quoted) fills \(query.region.text.quoted) too")
        }
    }

    private func warnOfUnused(_ tree: SourceTree, _ faults: FaultList) {
        var refreshed = Set(channels.flatMap { ($0.value?.refresh ?? []).map(\.query.text) })
        for resolver in resolvers {
            guard refreshed.contains(resolver.name) else {
                faults.warn(resolver.place, "no channel uses resolver \(resolver.name.quoted)")
                continue
            }
            if let target = resolver.value?.query?.target { refreshed.insert(target.text) }
        }
        let invalidated = Set(channels.flatMap { ($0.value?.invalidate ?? []).map(\.region.text) })
        let filled = Set(queries.compactMap { $0.value?.region })
        for region in regions where !filled.contains(region.name) && !invalidated.contains(region.name) {
            faults.warn(
                region.place,
                "region \(region.name.quoted) has no query and no invalidate rule, so it stays empty")
        }
        // Where values are refreshed before they are stale, no channel is needed.
        let ahead = Set(regions.filter { $0.value?.freshness.map { $0.ahead.nanoseconds > 0 } ?? false }.map(\.name))
        for query in queries where !refreshed.contains(query.name) && !ahead.contains(query.value?.region ?? "") {
            faults.warn(query.place, "no channel refreshes query \(query.name.quoted), so its values grow old")
        }
        if channels.isEmpty {
            faults.warn(tree.place(.channels), "no channel is configured, so nothing is listened to")
        }
    }
}
