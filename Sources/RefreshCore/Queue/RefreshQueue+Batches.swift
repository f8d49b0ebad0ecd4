extension RefreshQueue {
    /// The next batch for a worker, or nil when no query has work that may run now.
    public mutating func takeBatch(at now: Moment) -> Batch? {
        wake(at: now)
        if let canary = takeCanary(at: now) { return canary }
        if let together = takeTogether(at: now) { return together }
        for _ in 0..<turns.count {
            guard let lane = turns.next() else { break }
            guard lanes[lane].hasWork else { continue }
            turns.add(lane)
            if lanes[lane].isReady(concurrency: limits.concurrencyPerQuery), let batch = take(fromLane: lane, at: now) {
                return batch
            }
        }
        return nil
    }

    /// A batch to be sent behind a batch of the same query, so that Postgres goes from the one to the next by itself.
    ///
    /// Nil unless that many keys wait for that query that the batch is a full one, and nobody else has to wait longer
    /// for it: no other query has work, and no other worker would take it at once.
    ///
    /// - Parameter othersAreFree: whether some worker has nothing to do.
    public mutating func takeBehind(_ batch: Batch, othersAreFree: Bool, at now: Moment) -> Batch? {
        wake(at: now)
        guard let lane = laneIndex(batch), waitingCanary == nil, groups.waiting.isEmpty,
            turns.count == 1, turns.lanes.first == lane, lanes[lane].isFull(within: limits),
            !othersAreFree || lanes[lane].running >= limits.concurrencyPerQuery
        else { return nil }
        return take(fromLane: lane, at: now)
    }

    /// The next keys of one region to delete, or nil when none wait.
    public mutating func takeDeletions(at now: Moment) -> Batch? {
        wake(at: now)
        for _ in 0..<deletionTurns.count {
            guard let lane = deletionTurns.next() else { break }
            guard lanes[lane].hasWork else { continue }
            deletionTurns.add(lane)
            if lanes[lane].isReady(concurrency: .max), let batch = take(fromLane: lane, at: now) { return batch }
        }
        return nil
    }

    private mutating func take(fromLane lane: Int, at now: Moment) -> Batch? {
        var items: [Batch.Item] = []
        while items.isEmpty, let together = lanes[lane].urgent.popLast() {
            for reference in together { takeEntry(reference, into: &items) }
        }
        if items.isEmpty {
            let size = lanes[lane].batchSize(within: limits)
            items.reserveCapacity(min(lanes[lane].waiting.count, size))
            while items.count < size, let reference = lanes[lane].waiting.popFirst() {
                takeEntry(reference, into: &items)
            }
        }
        if items.isEmpty { return nil }
        lastBatch += 1
        lanes[lane].running += 1
        unanswered.insert(lastBatch)
        let batch = Batch(
            number: lastBatch, work: lanes[lane].work, region: lanes[lane].region, items: items, started: now)
        running[lastBatch] = batch
        return batch
    }

    private mutating func takeEntry(_ reference: EntryReference, into items: inout [Batch.Item]) {
        guard isValid(reference) else { return }
        let index = reference.index
        leaveLane(index)
        entries[index].phase = .inFlight
        items.append(
            Batch.Item(
                entry: index, isWanted: entries[index].isWanted, key: entries[index].key,
                parameters: entries[index].parameters,
                since: entries[index].since))
    }

    /// The batch's statement is done, though its keys are not stored yet: the query may run its next one.
    public mutating func answered(_ batch: Batch) {
        if batch.work == .together { return answeredTogether(batch) }
        guard unanswered.remove(batch.number) != nil, let lane = laneIndex(batch) else { return }
        lanes[lane].running -= 1
    }

    /// The results for so many keys of a batch take so many bytes: the query's next batches are made to fit.
    public mutating func measured(_ batch: Batch, keys: Int, bytes: Int) {
        if let lane = laneIndex(batch) { lanes[lane].measured(keys: keys, bytes: bytes) }
    }

    /// Whether a result of the item at a place may still be stored: not when an invalidation has come since it was
    /// taken.
    public func mayStore(_ batch: Batch, _ place: Int) -> Bool {
        let entry = batch.items[place].entry
        guard let next = entries[entry].next else { return true }
        return next != deletion(in: region(of: entry))
    }

    /// The messages that are due as soon as the item at a place is stored and wait for nothing else.
    ///
    /// Each is given to `body` once: whoever asks promises to send them with the write.
    public mutating func announce(_ batch: Batch, _ place: Int, _ body: (borrowing WaitingEvent) -> Void) {
        events.announce(entries[batch.items[place].entry].events, body)
    }

    /// The write that carried the item's messages may not have happened: they are still to be sent.
    mutating func withdraw(_ index: Int32) {
        events.withdraw(entries[index].events)
    }

    /// Ends the pauses that are over.
    private mutating func wake(at now: Moment) {
        for lane in suspended where lanes[lane].suspendedUntil.map({ $0 <= now }) ?? true {
            lanes[lane].suspendedUntil = nil
            suspended.remove(lane)
        }
        wakeParked(at: now)
        while let reference = resting.popDue(at: now) {
            if isValid(reference) { queueUp(reference) }
        }
        while let reference = contested.popDue(at: now) {
            if !isValid(reference) { continue }
            entries[reference.index].phase = .waiting
            // What it was asked for is stored: it is no older than this.
            entries[reference.index].since = now
            queueUp(reference)
        }
    }

    /// Wakes the parked entries whose pause is over; each runs alone.
    private mutating func wakeParked(at now: Moment) {
        guard let wake = nextParkedWake, wake <= now else { return }
        nextParkedWake = nil
        let candidates = parked
        parked = []
        for reference in candidates where isValid(reference) {
            guard entries[reference.index].phase == .parked else { continue }
            let until = entries[reference.index].parkedUntil
            if until <= now {
                entries[reference.index].phase = .waiting
                queueFirst([reference], laneIndex(reference.index))
            } else {
                parked.append(reference)
                nextParkedWake = min(nextParkedWake ?? until, until)
            }
        }
    }

    /// When something that pauses may run again; nil when nothing pauses.
    ///
    /// It lies in the past from the end of a pause until the next batch is asked for.
    public var nextWake: Moment? {
        var wake = nextParkedWake
        if let until = resting.next { wake = min(wake ?? until, until) }
        if let until = contested.next { wake = min(wake ?? until, until) }
        for lane in suspended where lanes[lane].hasWork {
            if let until = lanes[lane].suspendedUntil { wake = min(wake ?? until, until) }
        }
        return wake
    }
}
