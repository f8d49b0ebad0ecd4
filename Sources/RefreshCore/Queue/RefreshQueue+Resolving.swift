/// Resolvers: queries whose rows are the parameters of another query, which is then refreshed.
extension RefreshQueue {
    /// The item at a place of a resolver's batch was found to mean these keys: they are asked for, and what waits for
    /// the item waits for them.
    public mutating func resolved(
        _ batch: Batch, _ place: Int, to keys: [(key: Bytes, parameters: Bytes)], of query: QueryID, at now: Moment
    ) {
        guard running[batch.number] != nil else { return }
        // An invalidation of the whole region has come meanwhile: nothing that is asked for before it need be there.
        guard mayStore(batch, place) else { return awaitPurge(batch.items[place].entry) }
        let waiting = events.all(of: entries[batch.items[place].entry].events)
        let since = batch.items[place].since
        for (key, parameters) in keys {
            refresh(query, key: key, parameters: parameters, event: waiting.first, at: since)
            for event in waiting.dropFirst() {
                refresh(query, key: key, parameters: parameters, event: event, at: since)
            }
        }
    }

    /// What waits for an item waits for the pass that deletes the keys which the item may have meant, or, if that is
    /// over, for those that it has left out.
    private mutating func awaitPurge(_ index: Int32) {
        let region = region(of: index)
        let waiting = entries[index].events
        entries[index].events = EventStore.List()
        if passes[region.index].awaitsPurge {
            passes[region.index].coming = events.join(passes[region.index].coming, waiting)
        } else if passes[region.index].isPurging {
            passes[region.index].current = events.join(passes[region.index].current, waiting)
        } else {
            release(waiting, afterKeysOf: region)
        }
    }
}
