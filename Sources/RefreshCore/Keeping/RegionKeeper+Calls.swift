/// The barrier: what a client waits for who wants all that was committed so far to be in the cache.
extension RegionKeeper {
    /// With more waiting keys than these nobody is made to wait for them all at once: to note them takes too long.
    public static let mostAwaited = 65_536

    /// Every key of a region is to be refreshed, by a pass that the event waits for.
    public mutating func refreshAll(_ region: RegionID, event: EventID, at now: Moment) {
        resync(region, at: now)
        queue.awaitPass(over: region, running: false, coming: true, event)
    }

    /// The event waits for all keys and passes of the regions that are not done yet; tells whether it does.
    ///
    /// False when there are too many keys to note: to be asked again when there are fewer, which covers what is missed.
    public mutating func awaitAll(_ event: EventID, in regions: Set<RegionID>?, at now: Moment) -> Bool {
        let isAsked = { (region: RegionID) in regions?.contains(region) ?? true }
        guard queue.awaitAll(event, in: isAsked, atMost: Self.mostAwaited) else { return false }
        resyncFolded(at: now)
        for index in catalogue.regions.indices where isAsked(RegionID(index)) {
            let region = RegionID(index)
            queue.awaitPass(
                over: region, running: passes.isRunning(region), coming: passes.isWanted(region), event)
        }
        return true
    }

    /// The regions, of those given, that are not as their queries say, for something can not be refreshed.
    public func failing(of regions: Set<RegionID>?) -> [RegionID] {
        catalogue.regions.indices.map { RegionID($0) }.filter { region in
            guard catalogue.regions[region.index] != nil, regions?.contains(region) ?? true else { return false }
            return queue.isFailing(region) || unfilled[region] != nil
        }
    }
}
