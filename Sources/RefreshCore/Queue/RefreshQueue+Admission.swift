import BasicContainers

extension RefreshQueue {
    /// Asks for a refresh of `key`; `event` waits for it.
    ///
    /// `parameters` are the query's, joined by zero bytes; they and the key must belong together.
    public mutating func refresh(
        _ query: QueryID, key: consuming Bytes, parameters: consuming Bytes, event: EventID?, at now: Moment
    ) {
        let lane = Int32(truncatingIfNeeded: laneOfQuery[query.index])
        ask(Operation(parameters: parameters, lane: lane), key, event, now)
    }

    /// Asks for the deletion of `key`; `event` waits for it.
    public mutating func invalidate(_ region: RegionID, key: Bytes, event: EventID?, at now: Moment) {
        ask(deletion(in: region), key, event, now)
    }

    /// What empties a key of the region.
    func deletion(in region: RegionID) -> Operation {
        Operation(parameters: .empty, lane: Int32(truncatingIfNeeded: laneOfDeletions[region.index]))
    }

    private mutating func ask(
        _ operation: consuming Operation, _ key: consuming Bytes, _ event: EventID?, _ now: Moment
    ) {
        counts.asked += 1
        let lane = Int(operation.lane)
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
            // No pass and no client waits for it, nor for a query that fails.
            change(index, to: operation)
            if let event,
                !events.givesUpOnFaults(event)
                    || entries[index].phase == .waiting && lanes[lane].failures == 0
            {
                events.attach(event, to: &entries[index].events)
            }
            foldIfFull()
        case .contested:
            // It is stored; this is something new, and does not wait for the end of the rest.
            leaveLane(index)
            entries[index].operation = operation
            entries[index].phase = .waiting
            entries[index].since = now
            if let event, !events.isPass(event) || lanes[lane].failures == 0 {
                events.attach(event, to: &entries[index].events)
            }
            place(index)
            foldIfFull()
        case .inFlight:
            if sabotage.breaks(.dirty) {
                if let event { events.attach(event, to: &entries[index].events) }
                return
            }
            entries[index].soil(operation, at: now)
            if let event, let dirty = entries[index].dirty { events.attach(event, to: &dirty.events) }
        }
    }

    private mutating func insert(
        _ operation: consuming Operation, _ region: RegionID, _ key: consuming Bytes, _ hash: UInt32, _ event: EventID?,
        _ now: Moment,
        isFailing: Bool
    ) {
        var waits = EventStore.List()
        if let event, !isFailing || !events.givesUpOnFaults(event) { waits = events.attached(event) }
        let index = entries.insert(Entry(key, hash, operation, since: now, events: waits))
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
        queueUp(enterLane(index))
    }

    /// Puts an entry of a lane at its end.
    mutating func queueUp(_ reference: EntryReference) {
        let lane = laneIndex(reference.index)
        let isFullOfVoids = lanes[lane].append(reference)
        // Keeps a key that is refreshed and invalidated by turns from filling the lanes with void places.
        if isFullOfVoids { lanes[lane].waiting = Fifo(lanes[lane].waiting.all.filter { isValid($0) }) }
        hasWork(lane)
    }

    /// Puts entries of a lane before all that waits there, to be taken together.
    mutating func queueFirst(_ references: [EntryReference], _ lane: Int) {
        lanes[lane].urgent.append(references)
        hasWork(lane)
    }

    private mutating func hasWork(_ lane: Int) {
        if case .delete = lanes[lane].work { deletionTurns.add(lane) } else { turns.add(lane) }
    }

    /// Counts an entry in its lane under a new ticket.
    mutating func enterLane(_ index: Int32) -> EntryReference {
        // Zero is the ticket of an entry that is in no lane.
        lastTicket = lastTicket == .max ? 1 : lastTicket + 1
        entries[index].ticket = lastTicket
        let bytes = entries[index].bytes
        entryBytes += bytes
        lanes[laneIndex(index)].entered(bytes: bytes)
        return EntryReference(index: index, ticket: lastTicket)
    }

    /// Takes an entry out of its lane's count; its places there are void.
    mutating func leaveLane(_ index: Int32) {
        entries[index].ticket = 0
        let bytes = entries[index].bytes
        entryBytes -= bytes
        lanes[laneIndex(index)].left(bytes: bytes)
    }

    /// The lane that an entry's operation belongs to.
    func laneIndex(_ index: Int32) -> Int { Int(entries[index].lane) }

    /// The region of an entry's key.
    func region(of index: Int32) -> RegionID { lanes[laneIndex(index)].region }

    /// Whether a reference still names its entry.
    func isValid(_ reference: EntryReference) -> Bool { entries[reference.index].ticket == reference.ticket }
}
