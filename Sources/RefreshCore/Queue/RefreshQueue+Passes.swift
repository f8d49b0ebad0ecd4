import BasicContainers

extension RefreshQueue {
    /// A pass over a region begins: its folded lanes open, and the events that wait for a pass are its own.
    ///
    /// A purge opens none: what has folded since it was asked for is answered by the resync that comes after it.
    public mutating func beginPass(_ region: RegionID) {
        passes[region.index].begin()
        let (current, coming) = (passes[region.index].current, passes[region.index].coming)
        passes[region.index].current = events.join(current, coming)
        passes[region.index].coming = EventStore.List()
        if !passes[region.index].isPurging { openLanes(of: region) }
    }

    private mutating func openLanes(of region: RegionID) {
        for index in lanes.indices where lanes[index].region == region { lanes[index].isFolded = false }
    }

    /// What is in flight may have been read before the gap ended: it runs once more.
    ///
    /// Also what was to be deleted then: the pass leaves the key out, and an event that was lost may have asked for it.
    /// A deletion that runs has read nothing; once more, it might delete what the pass has stored. What a query makes
    /// that is gone is deleted.
    public mutating func dirtyRunning(_ region: RegionID, at now: Moment) {
        passes[region.index].resync()
        let deletion = deletion(in: region)
        for index in tables[region.index].indices
        where entries[index].phase == .inFlight && entries[index].operation != deletion {
            let next = entries[index].next
            guard next == nil || next == deletion else { continue }
            let isGone = lanes[laneIndex(index)].isRetired
            entries[index].soil(isGone ? deletion : entries[index].operation, at: now)
        }
    }

    /// Every key of the region may be wrong: what is in flight runs once more, and `event` waits for the pass that comes.
    public mutating func resync(_ region: RegionID, event: EventID?, at now: Moment) {
        dirtyRunning(region, at: now)
        if let event { events.attach(event, to: &passes[region.index].coming) }
    }

    /// Keys stored from now on are remembered, and those before forgotten; a snapshot is taken after this.
    public mutating func remember(_ region: RegionID) {
        passBytes -= passes[region.index].remember()
    }

    /// Whether a pass may write or delete `key` by what it read: not when something newer is stored or waits.
    public func admits(_ key: Bytes, in region: RegionID) -> Bool {
        sabotage.breaks(.streaming) && !passes[region.index].isPurging
            || entry(of: key, in: region, hash: key.hash(secret: secret)) == nil && passes[region.index].admits(key)
    }

    /// Whether more keys were stored during passes than may be remembered: they must begin again.
    public var passesOverflowed: Bool { passBytes > max(limits.bytes, 1 << 20) }

    /// The pass is over; when it was carried through, the events that waited for it are released.
    ///
    /// When a lane has folded meanwhile, keys that the pass asked for may be among those dropped: then the events
    /// wait for the pass that answers the fold. So they do when a purge is over and a resync comes after it.
    public mutating func endPass(_ region: RegionID, completed: Bool) {
        let isHalf = passes[region.index].isPurging && passes[region.index].awaitsResync
        passBytes -= passes[region.index].end(completed: completed, isFull: passesOverflowed)
        if completed, !isHalf, !lanes.contains(where: { $0.region == region && $0.isFolded }) {
            release(passes[region.index].current, afterKeysOf: region)
            passes[region.index].current = EventStore.List()
        } else {
            let (current, coming) = (passes[region.index].current, passes[region.index].coming)
            passes[region.index].coming = events.join(current, coming)
            passes[region.index].current = EventStore.List()
        }
    }

    /// Releases events once the keys that the pass left out are stored, for they waited or ran; none that is parked.
    private mutating func release(_ list: EventStore.List, afterKeysOf region: RegionID) {
        if list.isEmpty { return }
        let end = events.insert(
            Event(purpose: .pass(region), payload: .empty, sequence: 0, seen: Moment(nanoseconds: 0)))
        events.hold(events.merged(list), until: end)
        for index in tables[region.index].indices {
            if entries[index].phase == .parked || entries[index].phase == .contested { continue }
            // What runs may have been read before; what it is dirty for has not.
            if let dirty = entries[index].dirty {
                events.attach(end, to: &dirty.events)
            } else {
                events.attach(end, to: &entries[index].events)
            }
        }
        events.finishOne(end)
    }

    /// Every key of the region is to be deleted, by a pass that comes; later events win over it.
    ///
    /// What waits is dropped, what is in flight will not be stored, and `event` waits for the pass. A fold of before
    /// is answered by that pass too.
    public mutating func invalidateAll(_ region: RegionID, event: EventID?, at now: Moment) {
        for index in lanes.indices where lanes[index].region == region { dropWaiting(ofLane: index) }
        let deletion = deletion(in: region)
        for index in tables[region.index].indices {
            leaveToPurge(index, in: region)
            entries[index].soil(deletion, at: now)
        }
        if let event { events.attach(event, to: &passes[region.index].coming) }
        openLanes(of: region)
        folds.removeAll { $0 == region }
        passBytes -= passes[region.index].purge()
    }
}
