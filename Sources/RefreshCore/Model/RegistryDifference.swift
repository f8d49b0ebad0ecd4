/// What a reload changes: which regions need a resync, and whether other channels are to be heard.
public struct RegistryDifference: Sendable, Equatable {
    /// Regions whose keys or values may not be what their queries return now, by name.
    public let resync: [RegionName]
    /// The listener must hear other channels than before.
    public let channelsChange: Bool
    /// Nothing is different.
    public let isEmpty: Bool

    /// Compares two registries.
    ///
    /// A region is resynced when it is new or written otherwise, when one of its queries is new or other, and when
    /// a channel that refreshes or invalidates it is new or other: what came by that channel before went unheard.
    public init(from old: Registry, to new: Registry) {
        var changed: Set<RegionName> = []
        for region in new.regions where !old.regions.contains(where: { $0.isWritten(like: region) }) {
            changed.insert(region.name)
        }
        for query in new.queries where !old.queries.contains(query) { changed.insert(query.region) }
        for query in old.queries where !new.queries.contains(where: { $0.name == query.name }) {
            changed.insert(query.region)
        }
        for channel in new.channels where !old.channels.contains(channel) {
            for rule in channel.refresh {
                if let query = new.queries.first(where: { $0.name == rule.query }) { changed.insert(query.region) }
            }
            for rule in channel.invalidate { changed.insert(rule.region) }
        }
        resync = new.regions.map(\.name).filter { changed.contains($0) }
        channelsChange = Set(old.channels.map(\.name)) != Set(new.channels.map(\.name))
        isEmpty = old == new
    }
}
