extension RefreshQueue {
    /// Asks for a refresh of `key`; `event` waits for it.
    ///
    /// `parameters` are the query's, joined by zero bytes; they and the key must belong together.
    public mutating func refresh(
        _ query: QueryID, key: Bytes, parameters: Bytes, event: EventID?, at now: Moment
    ) {
        let lane = laneOfQuery[query.index]
        ask(.refresh(query, parameters: parameters), lane, key, event, now)
    }

    /// Asks for the deletion of `key`; `event` waits for it.
    public mutating func invalidate(_ region: RegionID, key: Bytes, event: EventID?, at now: Moment) {
        ask(.delete, laneOfDeletions[region.index], key, event, now)
    }

    private mutating func ask(
        _ operation: Operation, _ lane: Int, _ key: Bytes, _ event: EventID?, _ now: Moment
    ) {
        counts.asked += 1
        let region = lanes[lane].region
        guard let index = tables[region.index][key] else {
            if lanes[lane].isFolded { return absorb(event, region) }
            insert(operation, region, key, event, now)
            return foldIfFull()
        }
        counts.coalesced += 1
        switch entries[index].phase {
        case .waiting, .parked:
            // A parked key keeps its pause when the same is asked again: the event does not say the fault is gone.
            change(index, to: operation)
            if let event { events.attach(event, to: &entries[index].events) }
        case .inFlight:
            if entries[index].next == nil { entries[index].nextSince = now }
            entries[index].next = operation
            if let event { events.attach(event, to: &entries[index].nextEvents) }
        }
    }

    private mutating func insert(
        _ operation: Operation, _ region: RegionID, _ key: Bytes, _ event: EventID?, _ now: Moment
    ) {
        var entry = Entry()
        entry.region = region
        entry.key = key
        entry.operation = operation
        entry.since = now
        if let event { events.attach(event, to: &entry.events) }
        let index = entries.insert(entry)
        tables[region.index][key] = index
        place(index)
    }

    /// Gives a waiting or parked entry another operation, and moves it to that one's lane.
    private mutating func change(_ index: Int32, to operation: Operation) {
        guard entries[index].operation != operation else { return }
        leaveLane(index)
        entries[index].operation = operation
        entries[index].faults = 0
        entries[index].lastFault = nil
        entries[index].phase = .waiting
        place(index)
    }

    /// Puts a waiting entry at the end of its lane.
    mutating func place(_ index: Int32) {
        let reference = enterLane(index)
        lanes[laneIndex(index)].waiting.append(reference)
    }

    /// Counts an entry in its lane under a new ticket.
    mutating func enterLane(_ index: Int32) -> EntryReference {
        lastTicket &+= 1
        entries[index].ticket = lastTicket
        let bytes = entries[index].bytes
        let lane = laneIndex(index)
        entryBytes += bytes
        lanes[lane].count += 1
        lanes[lane].bytes += bytes
        return EntryReference(index: index, ticket: lastTicket)
    }

    /// Takes an entry out of its lane's count; its places there are void.
    mutating func leaveLane(_ index: Int32) {
        entries[index].ticket = 0
        let bytes = entries[index].bytes
        let lane = laneIndex(index)
        entryBytes -= bytes
        lanes[lane].count -= 1
        lanes[lane].bytes -= bytes
    }

    /// The lane that an entry's operation belongs to.
    func laneIndex(_ index: Int32) -> Int {
        switch entries[index].operation {
        case .refresh(let query, _): laneOfQuery[query.index]
        case .delete: laneOfDeletions[entries[index].region.index]
        }
    }

    /// Whether a reference still names its entry.
    func isValid(_ reference: EntryReference) -> Bool { entries[reference.index].ticket == reference.ticket }
}
