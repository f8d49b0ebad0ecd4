import BasicContainers

extension RefreshQueue {
    /// Folds the largest lanes until keys, alone and in groups, take no more than their half of the queue's memory.
    mutating func foldIfFull() {
        while entryBytes + groups.bytes > limits.bytes / 2 {
            guard let largest = lanes.indices.max(by: { lanes[$0].bytes < lanes[$1].bytes }),
                lanes[largest].bytes > 0
            else { return }
            counts.folded += 1
            lanes[largest].isFolded = true
            if !folds.contains(lanes[largest].region) { folds.append(lanes[largest].region) }
            dropWaiting(ofLane: largest)
        }
    }

    /// Drops what waits or is parked in a lane; events that wait for it wait for the region's next pass.
    mutating func dropWaiting(ofLane lane: Int) {
        if lanes[lane].count > 0 {
            let places =
                Array(lanes[lane].urgent.joined()) + lanes[lane].waiting.all + parked + resting.all
                + contested.all
            for place in places where isValid(place) && laneIndex(place.index) == lane {
                leaveLane(place.index)
                forget(place.index)
            }
        }
        lanes[lane].clear()
    }

    /// Removes an entry that is in no lane; its events wait for the region's next pass, unless its query is gone.
    mutating func forget(_ index: Int32) {
        let region = region(of: index)
        tables[region.index].remove(entries[index].hash, index)
        passBytes += passes[region.index].drop(entries[index].key)
        if lanes[laneIndex(index)].isRetired {
            // No pass need come for a query that is gone.
            events.release(&entries[index].events)
        } else {
            events.releaseUponFault(&entries[index].events, keepingHeld: true)
            passes[region.index].coming = events.join(passes[region.index].coming, entries[index].events)
        }
        entries.remove(index)
    }

    /// Nothing of what waits is to be done here any more, for another instance does it. Messages that wait come out of
    /// `takeDue` with the passes; who has no right to write does not send them.
    public mutating func abandon() {
        for index in lanes.indices {
            dropWaiting(ofLane: index)
            lanes[index].isFolded = false
        }
        folds = []
        abandonGroups()
        waitingCanary = nil
        for batch in running.values {
            for item in batch.items { abandonEvents(item.entry) }
            if case .delete = batch.work { abandonedDeletions.insert(batch.number) }
        }
        for region in passes.indices {
            passes[region].abandon()
            events.release(&passes[region].current)
            events.release(&passes[region].coming)
        }
    }

    /// No event waits for an entry that is in flight: other keys of the event were dropped, so what is left of it says
    /// nothing any more, and must not leave when this instance comes to own again.
    private mutating func abandonEvents(_ index: Int32) {
        events.release(&entries[index].events)
        if let dirty = entries[index].dirty { events.release(&dirty.events) }
    }

    /// An event asks for a key of a folded lane: it waits for the region's next pass, unless a pass waits for it.
    mutating func absorb(_ event: EventID?, _ region: RegionID) {
        counts.absorbed += 1
        if let event, !events.isPass(event) { events.attach(event, to: &passes[region.index].coming) }
    }
}
