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
        if lanes[lane].isRetired { return }
        let region = lanes[lane].region
        let hash = key.hash(secret: secret)
        guard let index = entry(of: key, in: region, hash: hash) else {
            if lanes[lane].isFolded { return absorb(event, region) }
            insert(operation, region, key, hash, event, now, isFailing: lanes[lane].failures > 0)
            return foldIfFull()
        }
        counts.coalesced += 1
        switch entries[index].phase {
        case .waiting, .parked:
            // A parked key keeps its pause when the same is asked again: the event does not say the fault is gone.
            // No pass waits for it, nor for a query that fails.
            change(index, to: operation)
            if let event, !events.isPass(event) || entries[index].phase == .waiting && lanes[lane].failures == 0 {
                events.attach(event, to: &entries[index].events)
            }
            foldIfFull()
        case .inFlight:
            if sabotage.breaks(.dirty) {
                if let event { events.attach(event, to: &entries[index].events) }
                return
            }
            if entries[index].next == nil { entries[index].nextSince = now }
            entries[index].next = operation
            if let event { events.attach(event, to: &entries[index].nextEvents) }
        }
    }

    private mutating func insert(
        _ operation: Operation, _ region: RegionID, _ key: Bytes, _ hash: UInt32, _ event: EventID?, _ now: Moment,
        isFailing: Bool
    ) {
        var entry = Entry()
        entry.region = region
        entry.key = key
        entry.hash = hash
        entry.operation = operation
        entry.since = now
        if let event, !isFailing || !events.isPass(event) { events.attach(event, to: &entry.events) }
        let index = entries.insert(entry)
        tables[region.index].insert(hash, index)
        place(index)
    }

    /// Gives a waiting or parked entry another operation, and moves it to that one's lane.
    private mutating func change(_ index: Int32, to operation: Operation) {
        guard entries[index].operation != operation else { return }
        leaveLane(index)
        entries[index].operation = operation
        entries[index].forgetFaults()
        entries[index].phase = .waiting
        place(index)
    }

    /// Puts a waiting entry at the end of its lane, or forgets it when its query is gone.
    mutating func place(_ index: Int32) {
        let lane = laneIndex(index)
        if lanes[lane].isRetired { return forget(index) }
        let reference = enterLane(index)
        lanes[lane].waiting.append(reference)
        dropVoidPlaces(ofLane: lane)
    }

    /// Keeps a key that is refreshed and invalidated by turns from filling the lanes with void places.
    private mutating func dropVoidPlaces(ofLane lane: Int) {
        guard lanes[lane].waiting.count > 2 * lanes[lane].count + 1024 else { return }
        lanes[lane].waiting = Fifo(lanes[lane].waiting.all.filter { isValid($0) })
    }

    /// Counts an entry in its lane under a new ticket.
    mutating func enterLane(_ index: Int32) -> EntryReference {
        // Zero is the ticket of an entry that is in no lane.
        lastTicket = lastTicket == .max ? 1 : lastTicket + 1
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
