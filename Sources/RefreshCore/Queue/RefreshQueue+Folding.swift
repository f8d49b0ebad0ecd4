extension RefreshQueue {
    /// Folds the largest lanes until keys take no more than their half of the queue's memory.
    mutating func foldIfFull() {
        while entryBytes > limits.bytes / 2 {
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
            let region = lanes[lane].region
            for index in Array(tables[region.index].values)
            where entries[index].phase != .inFlight && laneIndex(index) == lane {
                leaveLane(index)
                forget(index)
            }
        }
        lanes[lane].clear()
    }

    /// Removes an entry that is in no lane; its events wait for the region's next pass.
    mutating func forget(_ index: Int32) {
        let region = entries[index].region
        tables[region.index][entries[index].key] = nil
        events.releasePasses(&entries[index].events)
        passes[region.index].coming = events.join(passes[region.index].coming, entries[index].events)
        entries.remove(index)
    }

    /// An event asks for a key of a folded lane: it waits for the region's next pass.
    mutating func absorb(_ event: EventID?, _ region: RegionID) {
        counts.absorbed += 1
        if let event { events.attach(event, to: &passes[region.index].coming) }
    }
}
