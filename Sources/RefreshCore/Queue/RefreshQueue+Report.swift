import BasicContainers

extension RefreshQueue {
    /// What can be seen of one query's lane.
    public struct LaneReport: Sendable {
        /// Whose lane it is.
        public let work: Batch.Work
        /// The region of the lane or of the key.
        public let region: RegionID
        /// Keys that wait or are parked.
        public let waiting: Int
        /// Batches under way.
        public let running: Int
        /// Whether its keys come with the next resync of the region.
        public let isFolded: Bool
        /// When the oldest event came that is not stored yet; nil when nothing waits or runs.
        public let oldest: Moment?
        /// Why the query pauses, since when it fails, and until when.
        public let fault: RefreshFault?
        /// Since when the query fails; nil when it does not.
        public let failingSince: Moment?
        /// When it is tried again; nil when it is not suspended.
        public let suspendedUntil: Moment?
    }

    /// What can be seen of one parked key.
    public struct ParkedReport: Sendable {
        /// The region of the lane or of the key.
        public let region: RegionID
        /// The query whose key it is; nil for a deletion.
        public let query: QueryID?
        /// The key without its region's prefix.
        public let key: Bytes
        /// Why the last attempt failed.
        public let fault: RefreshFault?
        /// How many attempts have failed in a row.
        public let attempts: Int
        /// When the first of them failed.
        public let since: Moment
        /// When it is tried again.
        public let until: Moment
    }

    /// Every lane, in the order of registration.
    public func report() -> [LaneReport] {
        var oldest: [Moment?] = Array(repeating: nil, count: lanes.count)
        for region in tables.indices {
            for index in tables[region].indices {
                if entries[index].phase == .contested { continue }
                let lane = laneIndex(index)
                oldest[lane] = min(oldest[lane] ?? entries[index].since, entries[index].since)
            }
        }
        return lanes.enumerated().map { index, lane in
            LaneReport(
                work: lane.work, region: lane.region, waiting: lane.count, running: lane.running,
                isFolded: lane.isFolded, oldest: oldest[index], fault: lane.lastFault,
                failingSince: lane.failingSince, suspendedUntil: lane.suspendedUntil)
        }
    }

    /// Why a query pauses; nil when it does not.
    public func fault(of query: QueryID) -> RefreshFault? { lanes[laneOfQuery[query.index]].lastFault }

    /// The first `count` parked keys, in no order, and how many there are.
    public func parkedKeys(first count: Int) -> (shown: [ParkedReport], total: Int) {
        var shown: [ParkedReport] = []
        var total = 0
        for reference in parked where isValid(reference) {
            let entry = entries[reference.index]
            guard entry.phase == .parked else { continue }
            total += 1
            if shown.count == count { continue }
            var query: QueryID?
            if case .refresh(let id) = lanes[laneIndex(reference.index)].work { query = id }
            shown.append(
                ParkedReport(
                    region: region(of: reference.index), query: query, key: entry.key, fault: entry.lastFault,
                    attempts: entry.faults, since: entry.failingSince, until: entry.parkedUntil))
        }
        return (shown, total)
    }

    /// When the oldest event came that is not stored yet, parked keys left out; nil when nothing waits or runs.
    public var oldestUnparked: Moment? {
        var oldest: Moment?
        func consider(_ reference: EntryReference?) {
            guard let reference, isValid(reference) else { return }
            let since = entries[reference.index].since
            oldest = min(oldest ?? since, since)
        }
        for lane in lanes {
            consider(lane.waiting.first { isValid($0) })
            for together in lane.urgent { consider(together.first { isValid($0) }) }
        }
        for batch in running.values {
            for item in batch.items.prefix(1) { oldest = min(oldest ?? item.since, item.since) }
        }
        return [oldest, oldestGroup].compactMap(\.self).min()
    }

    /// When the oldest event of each region came that is not stored yet, parked keys included; nil where all are.
    public var oldestByRegion: [Moment?] {
        var oldest: [Moment?] = Array(repeating: nil, count: tables.count)
        func consider(_ index: Int32) {
            let region = region(of: index).index
            oldest[region] = min(oldest[region] ?? entries[index].since, entries[index].since)
        }
        for lane in lanes {
            if let first = lane.waiting.first(where: { isValid($0) }) { consider(first.index) }
            for together in lane.urgent {
                if let first = together.first(where: { isValid($0) }) { consider(first.index) }
            }
        }
        for batch in running.values {
            for item in batch.items.prefix(batch.work == .together ? .max : 1) { consider(item.entry) }
        }
        for group in groups.waiting {
            for member in group.members {
                let region = lanes[Int(member.lane)].region.index
                oldest[region] = min(oldest[region] ?? group.since, group.since)
            }
        }
        for reference in parked where isValid(reference) { consider(reference.index) }
        return oldest
    }

    /// Why a region is not made right: a query that pauses, or a key that is parked; nil when neither is known.
    public func fault(in region: RegionID) -> RefreshFault? {
        for lane in lanes where lane.region == region {
            if let fault = lane.lastFault { return fault }
        }
        for reference in parked where isValid(reference) && self.region(of: reference.index) == region {
            if let fault = entries[reference.index].lastFault { return fault }
        }
        return nil
    }

    /// Whether keys wait that a worker could take now.
    public var hasReadyWork: Bool {
        !groups.waiting.isEmpty && groups.reading == nil
            || turns.lanes.contains { lanes[$0].isReady(concurrency: limits.concurrencyPerQuery) }
    }

    /// When the oldest event came that is not stored yet, exactly, parked and contested keys left out; nil when nothing waits or runs.
    ///
    /// With more than `limit` keys none is looked at, and everything is taken to be as old as can be.
    public func oldest(ofAtMost limit: Int) -> Moment? {
        if entries.count > limit { return Moment(nanoseconds: .min) }
        var oldest = oldestGroup
        for region in tables.indices {
            for index in tables[region].indices {
                if entries[index].phase == .parked || entries[index].phase == .contested { continue }
                oldest = min(oldest ?? entries[index].since, entries[index].since)
            }
        }
        return oldest
    }

    /// When the first event of a group came that waits.
    private var oldestGroup: Moment? { groups.waiting.map(\.since).min() }

    /// How many keys of each region were stored while a reader held their locks, and are looked at again.
    public var contestedByRegion: [Int] {
        var counts = Array(repeating: 0, count: tables.count)
        for reference in contested.all where isValid(reference) { counts[region(of: reference.index).index] += 1 }
        return counts
    }

    /// Whether keys of a region are parked or contested, or a query of it pauses or has folded.
    public func isFailing(_ region: RegionID) -> Bool {
        if lanes.contains(where: { $0.region == region && ($0.failures > 0 || $0.isFolded) }) { return true }
        return parked.contains { isValid($0) && self.region(of: $0.index) == region }
            || contested.all.contains { isValid($0) && self.region(of: $0.index) == region }
    }

    /// When the batch that has run longest was taken; nil when none runs.
    public var oldestRunning: Moment? { running.values.map(\.started).min() }
}
