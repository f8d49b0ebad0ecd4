import BasicContainers

/// Keys that change together: read in one snapshot, and written by one call.
///
/// Groups are not entries of the key table while they wait. As a batch is made of them, they claim their keys: an
/// entry that waits is taken over, and one that runs holds its groups up. Groups that share keys go together, and no two
/// batches of them read at the same time, so that what is read later is written later. A group with a key or query
/// that fails falls apart into its keys.
extension RefreshQueue {
    /// The most keys of one batch of groups, but for a group that is larger alone.
    private static let togetherKeys = 256
    /// How many groups are looked at that can not run yet.
    private static let togetherPatience = 64

    /// Asks for keys that are to change together; `event` waits for them.
    public mutating func together(
        _ keys: [(query: QueryID, key: Bytes, parameters: Bytes)], event: EventID?, at now: Moment
    ) {
        var members: [Together.Member] = []
        for asked in keys {
            let lane = Int32(truncatingIfNeeded: laneOfQuery[asked.query.index])
            let member = Together.Member(lane: lane, key: asked.key, parameters: asked.parameters)
            if !lanes[Int(lane)].isRetired, !members.contains(member) { members.append(member) }
        }
        guard members.count > 1, groups.bytes < limits.bytes / 4, !sabotage.breaks(.together) else {
            return askApart(members, event, now)
        }
        counts.asked += UInt64(members.count)
        if let group = groups.group(of: members) {
            counts.coalesced += UInt64(members.count)
            if let event { events.attach(event, to: &group.events) }
            return
        }
        let group = Together(members, since: now)
        if let event { events.attach(event, to: &group.events) }
        groups.append(group)
        foldIfFull()
    }

    /// The event waits for the groups of the regions that wait now.
    mutating func awaitGroups(_ event: EventID, in regions: (RegionID) -> Bool) {
        for group in groups.waiting where group.members.contains(where: { regions(region(of: $0)) }) {
            events.attach(event, to: &group.events)
        }
    }

    private mutating func askApart(_ members: [Together.Member], _ event: EventID?, _ now: Moment) {
        for member in members { askAlone(member, event, now) }
    }

    private mutating func askAlone(_ member: Together.Member, _ event: EventID?, _ now: Moment) {
        guard case .refresh(let query) = lanes[Int(member.lane)].work else { return }
        refresh(query, key: member.key, parameters: member.parameters, event: event, at: now)
    }

    // MARK: Taking

    /// The next groups that can run together; nil when none can.
    mutating func takeTogether(at now: Moment) -> Batch? {
        guard !groups.waiting.isEmpty, groups.reading == nil else { return nil }
        dissolveFailing(at: now)
        var claimed: Set<ClaimedKey> = []
        var taken: [Int] = []
        var blocked = 0
        for (place, group) in groups.waiting.enumerated() {
            if !taken.isEmpty, claimed.count + group.members.count > Self.togetherKeys { break }
            if blocked == Self.togetherPatience { break }
            guard group.members.allSatisfy({ isFree($0, claimed) }) else {
                blocked += 1
                continue
            }
            for member in group.members { claimed.insert(ClaimedKey(region(of: member), member.key)) }
            taken.append(place)
        }
        if taken.isEmpty { return nil }
        return makeBatch(groups.remove(at: taken), at: now)
    }

    private struct ClaimedKey: Hashable {
        let region: RegionID
        let key: Bytes

        init(_ region: RegionID, _ key: Bytes) {
            self.region = region
            self.key = key
        }
    }

    private func region(of member: Together.Member) -> RegionID { lanes[Int(member.lane)].region }

    private func entry(of member: Together.Member) -> Int32? {
        entry(of: member.key, in: region(of: member), hash: member.key.hash(secret: secret))
    }

    private func isFree(_ member: Together.Member, _ claimed: Set<ClaimedKey>) -> Bool {
        if claimed.contains(ClaimedKey(region(of: member), member.key)) { return true }
        return entry(of: member).map { entries[$0].phase != .inFlight } ?? true
    }

    /// Groups with a query that pauses, or a key that is parked, fall apart: the others of them go on.
    private mutating func dissolveFailing(at now: Moment) {
        if suspended.isEmpty, parked.isEmpty, !lanes.contains(where: { $0.isRetired }) { return }
        let failing = groups.waiting.indices.filter { place in
            groups.waiting[place].members.contains { member in
                let lane = lanes[Int(member.lane)]
                return lane.isRetired || lane.failures > 0
                    || entry(of: member).map { entries[$0].phase == .parked } ?? false
            }
        }
        if !failing.isEmpty { for group in groups.remove(at: failing) { dissolve(group, at: now) } }
    }

    /// The keys of a group are asked for one by one, each for all its events.
    private mutating func dissolve(_ group: Together, at now: Moment) {
        let held = events.all(of: group.events)
        for member in group.members {
            askAlone(member, nil, group.since)
            for event in held { askAlone(member, event, group.since) }
        }
        events.release(&group.events)
    }

    private mutating func makeBatch(_ taken: [Together], at now: Moment) -> Batch {
        var items: [Int32: [Batch.Item]] = [:]
        for group in taken {
            for member in group.members { claim(member, for: group, into: &items) }
        }
        var all: [Batch.Item] = []
        var parts: [Batch.Part] = []
        for (lane, own) in items.sorted(by: { $0.key < $1.key }) {
            guard case .refresh(let query) = lanes[Int(lane)].work else { continue }
            parts.append(Batch.Part(query: query, places: all.count..<(all.count + own.count)))
            all += own
        }
        lastBatch += 1
        let batch = Batch(
            number: lastBatch, work: .together, region: RegionID(0), items: all, started: now, parts: parts)
        running[lastBatch] = batch
        groups.running[lastBatch] = taken
        groups.reading = lastBatch
        return batch
    }

    /// The key is in flight from now on, once for all groups of the batch; what waited for it waits for the group.
    private mutating func claim(
        _ member: Together.Member, for group: Together, into items: inout [Int32: [Batch.Item]]
    ) {
        let index: Int32
        if let found = entry(of: member) {
            if entries[found].phase == .inFlight { return }
            leaveLane(found)
            // What the entry was to do before, a deletion too, is overtaken by the event of the group.
            entries[found].operation = Operation(parameters: member.parameters, lane: member.lane)
            group.events = events.join(group.events, entries[found].events)
            entries[found].events = EventStore.List()
            index = found
        } else {
            let hash = member.key.hash(secret: secret)
            index = entries.insert(
                Entry(
                    member.key, hash, Operation(parameters: member.parameters, lane: member.lane), since: group.since,
                    events: EventStore.List()))
            tables[region(of: member).index].insert(hash, index)
        }
        entries[index].phase = .inFlight
        items[member.lane, default: []].append(
            Batch.Item(entry: index, key: member.key, parameters: member.parameters, since: entries[index].since))
    }

    // MARK: Finishing

    /// The statements of a batch of groups are done.
    mutating func answeredTogether(_ batch: Batch) {
        if groups.reading == batch.number { groups.reading = nil }
    }

    /// A batch of groups has ended.
    mutating func finishTogether(_ batch: Batch, _ outcome: BatchOutcome, at now: Moment) {
        answeredTogether(batch)
        let own = groups.running.removeValue(forKey: batch.number) ?? []
        switch outcome {
        case .stored:
            for item in batch.items { stored(item.entry, at: now) }
            for group in own { events.release(&group.events) }
        case .interrupted:
            for item in batch.items { letGo(item.entry) }
            putBack(own)
        case .failed, .broken, .timedOut:
            for item in batch.items { letGo(item.entry) }
            for group in own { dissolve(group, at: now) }
        }
        foldIfFull()
    }

    /// The key is not claimed any more; what was asked of it meanwhile is done.
    mutating func letGo(_ index: Int32) {
        if becomeNext(index) || !entries[index].events.isEmpty {
            entries[index].phase = .waiting
            return place(index)
        }
        let region = region(of: index)
        tables[region.index].remove(entries[index].hash, index)
        // It may be stored though the answer was lost.
        passBytes += passes[region.index].drop(entries[index].key)
        entries.remove(index)
    }

    private mutating func putBack(_ own: [Together]) {
        var fresh: [Together] = []
        for group in own {
            if let again = groups.group(of: group.members) {
                again.events = events.join(group.events, again.events)
            } else {
                fresh.append(group)
            }
        }
        groups.putBack(fresh)
    }

    /// All groups that wait are forgotten, for another instance does their work; no event waits for one that runs.
    mutating func abandonGroups() {
        for group in groups.running.values.joined() { events.release(&group.events) }
        for group in groups.remove(at: Array(groups.waiting.indices)) { events.release(&group.events) }
    }
}
