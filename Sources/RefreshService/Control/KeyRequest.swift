import Reactor
import RefreshCore

/// Which keys a request is about, as its parameters say.
@Loop
struct KeyRequest {
    /// One region where keys are given.
    let regions: [RegionID]
    /// Keys behind the region's prefix, as their queries spell them; nil for all keys.
    let keys: [Bytes]?
    /// Values are to stay until they are replaced.
    let isSoft: Bool

    private static let known = ["region", "key", "query", "soft", "timeout"]
    private static let parameterPrefix = "param."

    init(_ parameters: RequestParameters, _ dispatcher: Dispatcher) throws(ControlFault) {
        if let name = parameters.unknown(besides: Self.known, prefix: Self.parameterPrefix) {
            throw .unknownParameter(name, known: Self.known)
        }
        isSoft = parameters.text("soft").map { $0 != "no" } ?? false
        var regions: [RegionID] = []
        for name in parameters.all("region") { regions.append(try Self.region(name, dispatcher.catalogue)) }
        if let name = parameters.text("query") {
            (regions, keys) = try Self.keys(of: name, parameters, regions, dispatcher)
        } else {
            let given = parameters.all("key")
            guard let region = regions.first else { throw .needsRegion }
            if !given.isEmpty, regions.count > 1 { throw .oneRegion }
            keys = given.isEmpty ? nil : given.map { Self.key($0, in: region, dispatcher) }
        }
        self.regions = regions
    }

    /// The region of a name.
    static func region(_ name: Bytes, _ catalogue: Catalogue) throws(ControlFault) -> RegionID {
        guard let region = catalogue.region(RegionName(name.description)) else {
            let known = catalogue.registry.regions.map(\.name.text)
            throw .unknownRegion(name.description, known: known)
        }
        return region
    }

    /// The key that somebody means, who may have copied it from Redis with its prefix.
    static func key(_ given: Bytes, in region: RegionID, _ dispatcher: Dispatcher) -> Bytes {
        let spelled = dispatcher.router.canonical(given, in: region)
        guard dispatcher.router.maker(of: spelled, in: region) == nil,
            let prefix = dispatcher.catalogue.regions[region.index]?.prefix.utf8, given.array.starts(with: prefix)
        else { return spelled }
        return dispatcher.router.canonical(Bytes(Array(given.array.dropFirst(prefix.count))), in: region)
    }

    /// The keys as they are stored.
    func stored(_ dispatcher: Dispatcher) -> [Bytes]? {
        keys?.map { dispatcher.stored($0, in: regions[0]) }
    }

    /// The query and parameters of each key.
    func makers(_ dispatcher: Dispatcher) throws(ControlFault) -> [(query: QueryID, parameters: Bytes)] {
        let region = regions[0]
        let found = (keys ?? []).map { dispatcher.router.maker(of: $0, in: region) }
        if let first = found.firstIndex(where: { $0 == nil }) {
            throw .unknownKeys(
                count: found.count { $0 == nil }, first: first + 1,
                region: dispatcher.catalogue.regions[region.index]?.name.text ?? "")
        }
        return found.compactMap { $0 }
    }

    private static func keys(
        of name: String, _ parameters: RequestParameters, _ regions: [RegionID], _ dispatcher: Dispatcher
    ) throws(ControlFault) -> ([RegionID], [Bytes]) {
        let catalogue = dispatcher.catalogue
        guard let id = catalogue.query(QueryName(name)), let query = catalogue.queries[id.index],
            let order = ParameterOrder(of: query.parameters, in: query.key)
        else { throw .unknownQuery(name, known: catalogue.registry.queries.map(\.name.text)) }
        let region = catalogue.regionOfQuery[id.index]
        if let other = regions.first(where: { $0 != region }) {
            throw .otherRegion(query: name, region: catalogue.regions[other.index]?.name.text ?? "")
        }
        var values: [Bytes] = []
        for parameter in query.parameters {
            let given = parameters.all(parameterPrefix + parameter)
            guard let value = given.first, given.count == 1 else { throw .missingParameter(parameter, query: name) }
            values.append(value)
        }
        let key = query.key.key(order.templateValues(values))
        return ([region], [dispatcher.router.canonical(key, in: region)])
    }
}
