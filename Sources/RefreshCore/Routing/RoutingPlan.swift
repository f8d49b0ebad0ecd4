/// A channel's rules by number, with each source listed once.
///
/// Objects and not values, so that the hot path passes a pointer and copies nothing.
final class RoutingPlan: Sendable {
    /// One key to refresh.
    final class Refresh: Sendable {
        let query: QueryID
        let names: [String]
        /// For each parameter, the place of its source.
        let places: [Int]
        let key: KeyTemplate
        let order: ParameterOrder
        let mangler: KeyMangler?
        /// The key is the one parameter itself.
        let isPlain: Bool

        init(
            _ query: QueryID, _ names: [String], places: [Int], key: KeyTemplate, order: ParameterOrder,
            mangler: KeyMangler?
        ) {
            self.query = query
            self.names = names
            self.places = places
            self.key = key
            self.order = order
            self.mangler = mangler
            isPlain = key.parts.count == 1 && names.count == 1 && mangler == nil
        }
    }

    /// One key to delete, or a region to empty.
    struct Invalidation: Sendable {
        let region: RegionID
        let key: KeyTemplate?
        let places: [Int]
        /// The queries of the region, by whose parameters' types the key is spelled as they spell it.
        let makers: [Maker]
        let mangler: KeyMangler?
    }

    /// A query that may have made a key.
    struct Maker: Sendable {
        let query: QueryID
        let key: KeyTemplate
        let order: ParameterOrder
    }

    let format: PayloadFormat
    /// Whether what an event refreshes changes together.
    let together: Bool
    let sources: [ParameterSource]
    let refreshes: [Refresh]
    /// The regions that an event fills anew as a whole.
    let resyncs: [RegionID]
    let invalidations: [Invalidation]
    /// The rule of a channel whose payload is itself the one key that it refreshes.
    let direct: Refresh?
    /// Whether a rule reads the root as an array, which then is not one event for each element.
    let indexesRoot: Bool
    /// What a change of a whole table asks for.
    let wholeTable: [Router.Decision]

    init(_ channel: Channel, in catalogue: Catalogue) {
        var sources: [ParameterSource] = []
        func places(_ wanted: [ParameterSource]) -> [Int] {
            wanted.map { source in
                if let place = sources.firstIndex(of: source) { return place }
                sources.append(source)
                return sources.count - 1
            }
        }
        var refreshes: [Refresh] = []
        var resyncs: [RegionID] = []
        for rule in channel.refresh {
            if let id = catalogue.query(rule.query), catalogue.queries[id.index]?.all != nil {
                resyncs.append(catalogue.regionOfQuery[id.index])
                continue
            }
            guard let id = catalogue.query(rule.query), let query = catalogue.queries[id.index],
                let order = ParameterOrder(of: query.parameters, in: query.key)
            else { continue }
            refreshes.append(
                Refresh(
                    id, query.parameters, places: places(rule.sources), key: query.key, order: order,
                    mangler: catalogue.regions[catalogue.regionOfQuery[id.index].index]?.mangler))
        }
        var invalidations: [Invalidation] = []
        for rule in channel.invalidate {
            guard let region = catalogue.region(rule.region) else { continue }
            invalidations.append(
                Invalidation(
                    region: region, key: rule.key, places: places(rule.sources),
                    makers: Self.makers(in: region, catalogue), mangler: catalogue.regions[region.index]?.mangler))
        }
        format = channel.payload
        together = channel.together && refreshes.count > 1
        self.sources = sources
        self.refreshes = refreshes
        self.resyncs = resyncs
        self.invalidations = invalidations
        let isDirect = refreshes.count == 1 && invalidations.isEmpty && resyncs.isEmpty && sources == [.payload]
        direct = isDirect ? refreshes.first { $0.isPlain } : nil
        indexesRoot = sources.contains(where: \.indexesRoot)
        wholeTable = Self.wholeTable(refreshes, invalidations, resyncs, in: catalogue)
    }

    /// Regions are emptied first: what they are then filled with stays.
    private static func wholeTable(
        _ refreshes: [Refresh], _ invalidations: [Invalidation], _ resyncs: [RegionID], in catalogue: Catalogue
    ) -> [Router.Decision] {
        var decisions: [Router.Decision] = []
        func decide(_ decision: Router.Decision) {
            if !decisions.contains(decision) { decisions.append(decision) }
        }
        for rule in invalidations { decide(.invalidateAll(rule.region)) }
        for region in resyncs { decide(.resync(region)) }
        for rule in refreshes where !rule.names.isEmpty { decide(.resync(catalogue.regionOfQuery[rule.query.index])) }
        for rule in refreshes where rule.names.isEmpty {
            decide(.refresh(rule.query, key: rule.key.key([]), parameters: .empty))
        }
        return decisions
    }

    /// The queries that make keys of a region.
    static func makers(in region: RegionID, _ catalogue: Catalogue) -> [Maker] {
        catalogue.queriesOfRegion[region.index].compactMap { id in
            guard let query = catalogue.queries[id.index],
                let order = ParameterOrder(of: query.parameters, in: query.key)
            else { return nil }
            return Maker(query: id, key: query.key, order: order)
        }
    }
}
