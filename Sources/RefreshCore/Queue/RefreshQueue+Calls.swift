import BasicContainers

/// What clients of the daemon wait for.
extension RefreshQueue {
    /// Asks for a refresh of a key that somebody waits for; `event` waits for it.
    public mutating func refreshNow(
        _ query: QueryID, key: Bytes, parameters: Bytes, event: EventID?, at now: Moment
    ) {
        let region = lanes[laneOfQuery[query.index]].region
        // Before, so that the event is not kept out by a pause; after, so that a new one goes first.
        hurry(key, in: region)
        refresh(query, key: key, parameters: parameters, event: event, at: now)
        hurry(key, in: region)
        want(key, in: region)
    }

    private mutating func want(_ key: Bytes, in region: RegionID) {
        guard let index = entry(of: key, in: region, hash: key.hash(secret: secret)) else { return }
        entries[index].isWanted = true
    }

    /// Why a key is not as its query says; nil when it is, or is going to be.
    public func fault(of key: Bytes, in region: RegionID) -> RefreshFault? {
        guard let index = entry(of: key, in: region, hash: key.hash(secret: secret)) else { return nil }
        return entries[index].lastFault ?? lanes[laneIndex(index)].lastFault
    }

    /// Somebody waits for the key: it is taken before what waits, and tried at once if it, or its query, pauses.
    public mutating func hurry(_ key: Bytes, in region: RegionID) {
        guard let index = entry(of: key, in: region, hash: key.hash(secret: secret)) else { return }
        let lane = laneIndex(index)
        switch entries[index].phase {
        case .inFlight: return
        case .parked, .contested: entries[index].phase = .waiting
        case .waiting: break
        }
        lanes[lane].suspendedUntil = nil
        leaveLane(index)
        queueFirst([enterLane(index)], lane)
    }

    /// The event waits for all that is asked for now, but for keys that can not be refreshed; tells whether it does.
    ///
    /// With more than `limit` keys that is too much to note at once, and the event waits for nothing more.
    public mutating func awaitAll(
        _ event: EventID, in regions: (RegionID) -> Bool, atMost limit: Int
    ) -> Bool {
        if entries.count > limit { return false }
        for region in tables.indices where regions(RegionID(region)) {
            for index in tables[region].indices { awaitEntry(index, event) }
        }
        awaitGroups(event, in: regions)
        return true
    }

    private mutating func awaitEntry(_ index: Int32, _ event: EventID) {
        switch entries[index].phase {
        case .parked, .contested: return
        case .waiting:
            if lanes[laneIndex(index)].failures > 0 { return }
            events.attach(event, to: &entries[index].events)
        case .inFlight:
            events.attach(event, to: &entries[index].events)
            if let dirty = entries[index].dirty { events.attach(event, to: &dirty.events) }
        }
    }

    /// The event waits for the pass over a region that runs, and for the one that comes.
    public mutating func awaitPass(over region: RegionID, running: Bool, coming: Bool, _ event: EventID) {
        if running { events.attach(event, to: &passes[region.index].current) }
        if coming { events.attach(event, to: &passes[region.index].coming) }
    }
}
