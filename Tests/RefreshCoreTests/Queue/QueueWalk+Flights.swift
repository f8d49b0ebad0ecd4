import RefreshCore

/// The worker's part: batches are taken, read, written and finished, each at a moment of its own.
extension QueueWalk {
    mutating func take() throws(Violation) {
        if !flights.isEmpty, chance(30),
            let behind = queue.takeBehind(flights[pick(flights.count)].batch, othersAreFree: chance(50), at: now)
        {
            return try takeOff(behind)
        }
        let batch = chance(70) ? queue.takeBatch(at: now) : queue.takeDeletions(at: now)
        if let batch = batch ?? queue.takeDeletions(at: now) ?? queue.takeBatch(at: now) {
            return try takeOff(batch)
        }
        if let wake = queue.nextWake {
            try demand(wake > now, "nothing can be taken, yet the queue wants to wake at once")
        }
        let total = queue.parkedKeys(first: 0).total
        let isSuspended = queue.report().contains { $0.waiting > 0 && ($0.suspendedUntil ?? now) > now }
        try demand(total == 0 && !isSuspended || queue.nextWake != nil, "something pauses and never wakes")
    }

    mutating func takeOff(_ batch: Batch) throws(Violation) {
        var keys: [Int] = []
        for item in batch.items {
            guard let key = World.numbers[item.key] else { throw Violation("an unknown key was taken") }
            try demand(!flights.contains { $0.keys.contains(key) } && !keys.contains(key), "\(item.key) runs twice")
            keys.append(key)
        }
        try demand(!keys.isEmpty && keys.count <= queue.limits.batchKeys, "a batch has \(keys.count) keys")
        if batch.work == .refresh(Shop.page) { try demand(hasPages, "a query that is gone was taken") }
        flights.append(Flight(batch: batch, keys: keys))
    }

    mutating func advanceFlight() throws(Violation) {
        guard !flights.isEmpty else { return }
        let place = pick(flights.count)
        if flights[place].announced != nil { return try finish(place) }
        if case .refresh = flights[place].batch.work, flights[place].values == nil {
            flights[place].values = flights[place].keys.map { world.database[$0] }
            return
        }
        if !isDraining, chance(25) { return try fail(place) }
        try write(place)
    }

    /// The write is sent, and Redis carries it out: whole, in part, or not at all.
    private mutating func write(_ place: Int) throws(Violation) {
        let flight = flights[place]
        var applied = flight.keys.count
        if !isDraining, chance(20) { applied = pick(applied + 1) }
        let isFaulty = !isDraining && chance(15)
        var announced: [[UInt64]] = []
        for index in flight.batch.items.indices {
            announced.append([])
            if isFaulty, chance(40) {
                flights[place].faults.append(index)
                continue
            }
            let mayStore = queue.mayStore(flight.batch, index)
            queue.announce(flight.batch, index) { announced[index].append($0.event.sequence) }
            guard index < applied else { continue }
            let key = flight.keys[index]
            if let values = flight.values, mayStore { try world.write(key, values[index]) } else { world.delete(key) }
        }
        flights[place].announced = announced
        flights[place].isApplied = applied == flight.keys.count
    }

    /// The statement fails before anything is written.
    private mutating func fail(_ place: Int) throws(Violation) {
        let flight = flights.remove(at: place)
        let fault = RefreshFault(sqlState: "22012", text: "division by zero")
        let isAlone = flight.keys.count == 1
        switch pick(4) {
        case 0: end(flight, .interrupted)
        case 1:
            if isAlone { park(flight.keys[0]) }
            end(flight, .failed(fault))
        case 2: end(flight, .broken(fault))
        default:
            if isAlone { park(flight.keys[0]) }
            end(flight, .timedOut(fault))
        }
    }

    /// The answer to the write comes, or is lost.
    private mutating func finish(_ place: Int) throws(Violation) {
        let flight = flights.remove(at: place)
        guard flight.isApplied, isDraining || chance(90) else { return end(flight, .interrupted) }
        let fault = RefreshFault(sqlState: "22P02", text: "bad value")
        for (place, key) in flight.keys.enumerated() {
            if flight.faults.contains(place) {
                park(key)
            } else {
                seen.stored += 1
                world.failing.remove(key)
            }
        }
        // Readers hold the locks of some.
        let contested = isDraining || !chance(20) ? [] : flight.keys.indices.filter { _ in chance(50) }
        end(
            flight,
            .stored(
                except: flight.faults.map { ($0, fault) },
                contested: Contested(places: contested, patience: .milliseconds(500))))
        for sequence in (flight.announced ?? []).joined() { try leave(sequence) }
        try settle()
    }

    private mutating func park(_ key: Int) {
        seen.parked += 1
        world.failing.insert(key)
    }

    private mutating func end(_ flight: Flight, _ outcome: BatchOutcome) {
        let before = queue.counts
        queue.finish(flight.batch, outcome, at: now)
        noticeFolds(since: before)
    }

    /// What the queue says of itself agrees with what was seen.
    func compareCounts() throws(Violation) {
        let counts = queue.counts
        try demand(counts.asked == seen.asked, "asked \(seen.asked) times, not \(counts.asked)")
        try demand(counts.stored == seen.stored, "stored \(seen.stored) keys, not \(counts.stored)")
        try demand(counts.parked == seen.parked, "parked \(seen.parked) keys, not \(counts.parked)")
        try demand(counts.messagesDropped == seen.messagesDropped, "messages were dropped uncounted")
        // An entry more than the bound, the keys that a pass remembers, and the events of passes.
        try demand(queue.bytes <= bytes + 256 + 70 * World.keys.count + 3 * 320, "\(queue.bytes) bytes of \(bytes)")
        guard sequence % 8 == 0 else { return }
        let report = queue.report()
        let keys = report.reduce(0) { $0 + $1.waiting } + flights.reduce(0) { $0 + $1.keys.count }
        try demand(queue.keyCount == keys, "\(queue.keyCount) keys, not \(keys)")
        try demand(report.reduce(0) { $0 + $1.running } == flights.count, "batches that run are miscounted")
    }
}
