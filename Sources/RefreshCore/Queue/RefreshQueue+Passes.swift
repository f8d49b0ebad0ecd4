extension RefreshQueue {
    /// A pass over a region begins: its folded lanes open, and the events that wait for a pass are its own.
    public mutating func beginPass(_ region: RegionID) {
        passes[region.index].begin()
        let (current, coming) = (passes[region.index].current, passes[region.index].coming)
        passes[region.index].current = events.join(current, coming)
        passes[region.index].coming = EventStore.List()
        for index in lanes.indices where lanes[index].region == region { lanes[index].isFolded = false }
    }

    /// What is in flight may have been read before the gap ended: it runs once more.
    public mutating func dirtyRunning(_ region: RegionID, at now: Moment) {
        for index in tables[region.index].values
        where entries[index].phase == .inFlight && entries[index].next == nil {
            entries[index].next = entries[index].operation
            entries[index].nextSince = now
        }
    }

    /// Keys stored from now on are remembered, and those before forgotten; a snapshot is taken after this.
    public mutating func remember(_ region: RegionID) {
        passBytes -= passes[region.index].remember()
    }

    /// Whether a pass may write or delete `key` by what it read: not when something newer is stored or waits.
    public func admits(_ key: Bytes, in region: RegionID) -> Bool {
        tables[region.index][key] == nil && !passes[region.index].hasTouched(key)
    }

    /// Whether more keys were stored during passes than may be remembered: they must begin again.
    public var passesOverflowed: Bool { passBytes > max(limits.bytes, 1 << 20) }

    /// The pass is over; when it was carried through, the events that waited for it are released.
    public mutating func endPass(_ region: RegionID, completed: Bool) {
        passBytes -= passes[region.index].end()
        if completed {
            events.release(&passes[region.index].current)
        } else {
            let (current, coming) = (passes[region.index].current, passes[region.index].coming)
            passes[region.index].coming = events.join(current, coming)
            passes[region.index].current = EventStore.List()
        }
    }

    /// Every key of the region is to be deleted, by a pass that comes; later events win over it.
    ///
    /// What waits is dropped, what is in flight will not be stored, and `event` waits for the pass.
    public mutating func invalidateAll(_ region: RegionID, event: EventID?, at now: Moment) {
        for index in lanes.indices where lanes[index].region == region { dropWaiting(ofLane: index) }
        for index in tables[region.index].values {
            if entries[index].next == nil { entries[index].nextSince = now }
            entries[index].next = .delete
        }
        if let event { events.attach(event, to: &passes[region.index].coming) }
        passBytes -= passes[region.index].purge()
    }
}
