/// Resolvers: queries whose rows are the parameters of another query, which is then refreshed.
extension RefreshQueue {
    /// The item at a place of a resolver's batch was found to mean these keys: they are asked for, and what waits for
    /// the item waits for them.
    public mutating func resolved(
        _ batch: Batch, _ place: Int, to keys: [(key: Bytes, parameters: Bytes)], of query: QueryID, at now: Moment
    ) {
        // An invalidation of the whole region has come meanwhile: nothing that is asked for before it need be there.
        guard running[batch.number] != nil, mayStore(batch, place) else { return }
        let waiting = events.all(of: entries[batch.items[place].entry].events)
        let since = batch.items[place].since
        for (key, parameters) in keys {
            refresh(query, key: key, parameters: parameters, event: waiting.first, at: since)
            for event in waiting.dropFirst() {
                refresh(query, key: key, parameters: parameters, event: event, at: since)
            }
        }
    }

    /// All of the region is invalidated: what waits for an item that runs, or is to run once more, waits for the pass
    /// that deletes the keys which it may have meant.
    mutating func leaveToPurge(_ index: Int32, in region: RegionID) {
        guard lanes[laneIndex(index)].isResolver, entries[index].phase == .inFlight else { return }
        var waiting = entries[index].events
        entries[index].events = EventStore.List()
        if let dirty = entries[index].dirty {
            waiting = events.join(waiting, dirty.events)
            dirty.events = EventStore.List()
        }
        passes[region.index].coming = events.join(passes[region.index].coming, waiting)
    }
}
