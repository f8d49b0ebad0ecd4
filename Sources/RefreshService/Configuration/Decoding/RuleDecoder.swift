import RefreshCore

/// Makes the `refresh` and `invalidate` rules of a channel.
struct RuleDecoder {
    let format: PayloadFormat
    let regions: [String: Declared<Region>]
    let queries: [String: Declared<QueryDeclaration>]
    let resolvers: [String: Declared<QueryDeclaration>]

    func refresh(_ table: TableReader<RefreshKey>) -> RefreshRule? {
        if table.has(.resolver), table.has(.query) {
            table.fault(.resolver, "can not stand beside query: the resolver names it; keep one of them")
            return nil
        }
        let (key, kind, known): (RefreshKey, String, [String: Declared<QueryDeclaration>]) =
            table.has(.resolver) ? (.resolver, "resolver", resolvers) : (.query, "query", queries)
        guard table.require(key), let name = table.string(key) else { return nil }
        guard let declared = known[name] else {
            table.faults.unknown(kind, name, at: table.place(of: key), known: Array(known.keys))
            return nil
        }
        guard let parameters = declared.value?.parameters else { return nil }
        let reading = ParameterSources(format: format, names: parameters, owner: "\(kind) \(name.quoted)")
        return reading.sources(.params, in: table).map { RefreshRule(query: QueryName(name), sources: $0) }
    }

    func invalidate(_ table: TableReader<InvalidateKey>) -> InvalidateRule? {
        guard table.require(.region), let name = table.string(.region) else { return nil }
        if regions[name] == nil {
            table.faults.unknown("region", name, at: table.place(of: .region), known: Array(regions.keys))
        }
        guard table.has(.key) else {
            if table.has(.params) { table.fault(.params, "needs a key beside it that names the parameters") }
            return InvalidateRule(region: RegionName(name), key: nil, sources: [])
        }
        guard let spelling = table.name(.key), let key = KeyTemplate(spelling, of: .key, in: table) else { return nil }
        let reading = ParameterSources(format: format, names: key.names, owner: "key \(spelling.quoted)")
        return reading.sources(.params, in: table).map {
            InvalidateRule(region: RegionName(name), key: key, sources: $0)
        }
    }
}
