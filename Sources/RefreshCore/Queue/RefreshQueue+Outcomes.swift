import BasicContainers

extension RefreshQueue {
    /// A batch has ended; gives the places of contested keys that are let go, for their locks were held for too long.
    @discardableResult
    public mutating func finish(_ batch: Batch, _ outcome: BatchOutcome, at now: Moment) -> [Int] {
        guard running.removeValue(forKey: batch.number) != nil else { return [] }
        if batch.work == .together {
            finishTogether(batch, outcome, at: now)
            return []
        }
        answered(batch)
        guard let lane = laneIndex(batch) else {
            finishCanary(batch, outcome)
            return []
        }
        // What is tried again after the next takeover would delete what the owner between has stored.
        let isAbandoned = !abandonedDeletions.isEmpty && abandonedDeletions.remove(batch.number) != nil
        var givenUp: [Int] = []
        switch outcome {
        case .stored(let faults, let contested) where !contested.places.isEmpty:
            givenUp = stored(batch, faults, contested, at: now)
            if faults.count < batch.items.count { succeeded(lane) }
        case .stored(let faults, _):
            tables[batch.region.index].approach(batch.items, in: entries)
            var next = 0
            for place in batch.items.indices {
                if next < faults.count, faults[next].place == place {
                    park(batch.items[place].entry, faults[next].fault, at: now)
                    next += 1
                } else {
                    stored(batch.items[place].entry, at: now)
                }
            }
            if faults.count < batch.items.count { succeeded(lane) }
        case .interrupted where isAbandoned:
            for item in batch.items { letGo(item.entry) }
        case .interrupted:
            again([batch.items[...]], lane)
        case .failed(let fault):
            if batch.items.count == 1 {
                park(batch.items[0].entry, fault, at: now)
            } else {
                let middle = batch.items.count / 2
                again([batch.items[middle...], batch.items[..<middle]], lane)
            }
        case .broken(let fault):
            again([batch.items[...]], lane)
            suspend(lane, fault, at: now)
        case .timedOut(let fault):
            if batch.items.count == 1 {
                park(batch.items[0].entry, fault, at: now)
            } else {
                let middle = batch.items.count / 2
                lanes[lane].batchLimit = max(1, min(lanes[lane].batchLimit, batch.items.count) / 2)
                again([batch.items[middle...], batch.items[..<middle]], lane)
                suspend(lane, fault, at: now)
            }
        }
        if lanes[lane].isRetired { dropWaiting(ofLane: lane) }
        foldIfFull()
        return givenUp
    }

    /// As much of it stored as there are no faults, and some of it contested.
    private mutating func stored(
        _ batch: Batch, _ faults: [(place: Int, fault: RefreshFault)], _ contested: Contested, at now: Moment
    ) -> [Int] {
        var (faults, places) = (faults[...], contested.places[...])
        var letGo: [Int] = []
        for place in batch.items.indices {
            let isContested = places.first == place
            if isContested { places.removeFirst() }
            let entry = batch.items[place].entry
            if faults.first?.place == place, let fault = faults.popFirst()?.fault {
                park(entry, fault, at: now)
            } else if !isContested {
                stored(entry, at: now)
            } else if !storedContested(entry, contested.patience, at: now) {
                letGo.append(place)
            }
        }
        return letGo
    }

    /// An entry was stored though a reader held its lock; false when that has gone on for too long, and it is let go.
    private mutating func storedContested(_ index: Int32, _ patience: Moment.Span, at now: Moment) -> Bool {
        noteStored(index)
        let contest = entries[index].contest(at: now)
        let isLetGo = !(now - contest.since < patience)
        if isLetGo { entries[index].endContest() }
        if entries[index].dirty != nil {
            goOn(index, at: now)
        } else if isLetGo {
            done(index)
        } else {
            entries[index].phase = .contested
            self.contested.add(enterLane(index), times: contest.times - 1, at: now)
        }
        return !isLetGo
    }

    private mutating func succeeded(_ lane: Int) {
        lanes[lane].batchLimit = min(limits.batchKeys, lanes[lane].batchLimit * 2)
        lanes[lane].suspendedUntil = nil
        lanes[lane].failures = 0
        lanes[lane].lastFault = nil
        lanes[lane].failingSince = nil
    }

    private mutating func suspend(_ lane: Int, _ fault: RefreshFault, at now: Moment) {
        lanes[lane].failures += 1
        lanes[lane].lastFault = fault
        if lanes[lane].failingSince == nil { lanes[lane].failingSince = now }
        lanes[lane].suspendedUntil = now + pause(attempt: lanes[lane].failures)
        suspended.insert(lane)
        // A pass does not wait for a query that can not run, or one such query would keep a region from being ready.
        for reference in lanes[lane].waiting.all where isValid(reference) { releaseUponFault(reference.index) }
        for together in lanes[lane].urgent {
            for reference in together where isValid(reference) { releaseUponFault(reference.index) }
        }
        for reference in resting.all where isValid(reference) && laneIndex(reference.index) == lane {
            releaseUponFault(reference.index)
        }
    }

    private mutating func releaseUponFault(_ index: Int32) {
        if !entries[index].events.isEmpty { events.releaseUponFault(&entries[index].events, keepingHeld: true) }
    }

    private mutating func pause(attempt: Int) -> Moment.Span {
        Backoff.pause(
            attempt: attempt, first: limits.firstPause, cap: limits.longestPause, random: nextRandom())
    }

    mutating func stored(_ index: Int32, at now: Moment) {
        noteStored(index)
        guard entries[index].dirty != nil else { return done(index) }
        entries[index].endContest()
        goOn(index, at: now)
    }

    /// Tells who waits for an entry that it is stored.
    private mutating func noteStored(_ index: Int32) {
        counts.stored += 1
        let region = lanes[laneIndex(index)].region
        if passes[region.index].isNoting { passBytes += passes[region.index].touch(entries[index].key) }
        events.release(&entries[index].events)
    }

    /// Nothing is left to do for an entry.
    private mutating func done(_ index: Int32) {
        let region = lanes[laneIndex(index)].region
        tables[region.index].remove(entries[index].hash, index)
        entries.remove(index)
    }

    /// An entry that was stored takes up what events asked for meanwhile.
    private mutating func goOn(_ index: Int32, at now: Moment) {
        guard let dirty = entries[index].dirty else { return }
        entries[index].forgetFaults()
        entries[index].since = dirty.since
        becomeNext(index)
        restOrPlace(index, at: now)
    }

    /// Puts an entry that was stored, and for which events came meanwhile, where its next turn is.
    private mutating func restOrPlace(_ index: Int32, at now: Moment) {
        let lane = laneIndex(index)
        guard case .refresh = lanes[lane].work, !lanes[lane].isRetired else { return place(index) }
        let refreshes = entries[index].countAgain()
        if refreshes > 1 {
            resting.add(enterLane(index), times: Int(refreshes) - 2, at: now)
        } else {
            place(index)
        }
    }

    /// A dirty entry takes up what its last event asked for; tells whether that is something else.
    @discardableResult
    mutating func becomeNext(_ index: Int32) -> Bool {
        guard let next = entries[index].takeNext() else { return false }
        let isOther = next.operation != entries[index].operation
        if isOther { entries[index].forgetFaults() }
        entries[index].operation = next.operation
        entries[index].events = events.join(entries[index].events, next.events)
        entries[index].phase = .waiting
        return isOther
    }

    /// Puts the items back in the front of their lane, each group to be taken as one batch.
    private mutating func again(_ groups: [ArraySlice<Batch.Item>], _ lane: Int) {
        for group in groups {
            var references: [EntryReference] = []
            for item in group {
                withdraw(item.entry)
                if becomeNext(item.entry) {
                    place(item.entry)
                    continue
                }
                entries[item.entry].phase = .waiting
                references.append(enterLane(item.entry))
            }
            if !references.isEmpty { queueFirst(references, lane) }
        }
    }

    private mutating func park(_ index: Int32, _ fault: RefreshFault, at now: Moment) {
        withdraw(index)
        counts.parked += 1
        if becomeNext(index) { return place(index) }
        let until = now + pause(attempt: entries[index].faults + 1)
        entries[index].park(fault, at: now, until: until)
        // No pass and no client waits for a key that can not be refreshed.
        events.releaseUponFault(&entries[index].events)
        parked.append(enterLane(index))
        nextParkedWake = min(nextParkedWake ?? until, until)
    }

    /// The lane of a batch's keys; nil for a canary, which has none.
    func laneIndex(_ batch: Batch) -> Int? {
        switch batch.work {
        case .refresh(let query): laneOfQuery[query.index]
        case .delete(let region): laneOfDeletions[region.index]
        case .canary, .together: nil
        }
    }

    /// Gives back the memory of a burst, if nothing is left and nothing was asked for since the last call.
    ///
    /// Called now and then: bursts that follow each other find the memory of the one before.
    public mutating func rest() {
        defer { askedAtRest = counts.asked }
        guard askedAtRest == counts.asked, entries.count == 0 else { return }
        events.trim()
        // The lanes hold only void places now.
        guard entries.trim() else { return }
        parked = []
        resting.removeAll()
        contested.removeAll()
        for lane in lanes.indices { lanes[lane].clear() }
        for index in tables.indices { tables[index].trim() }
    }
}
