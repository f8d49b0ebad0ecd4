import RefreshCore

/// A random walk of a queue and the passes over its regions, beside a world that both are to keep right.
struct QueueWalk: ~Copyable {
    /// A batch that was taken, and how far its worker has come.
    struct Flight {
        let batch: Batch
        let keys: [Int]
        /// What the statement read.
        var values: [Int]?
        /// The messages announced with each item, once the write is on its way.
        var announced: [[UInt64]]?
        var faults: [Int] = []
        var isApplied = false
    }

    /// An event whose message waits: the keys with their versions, and whether a pass may answer for them.
    struct Waiting {
        var needs: [(key: Int, version: Int)]
        var isLoose = false
    }

    var dice: Dice
    var world = World()
    var queue: RefreshQueue
    var passes = RegionPasses()
    var running: [Int: RunningPass] = [:]
    var flights: [Flight] = []
    var waiting: [UInt64: Waiting] = [:]
    var now = Moment.zero
    var sequence: UInt64 = 0
    var passNumber: UInt64 = 0
    /// Lost changes that no resync has been asked for yet.
    var isGapOpen = false
    var hasPages = true
    /// From now on all goes well, and no event comes.
    var isDraining = false
    /// What was seen to be done, to be compared with the queue's own counts.
    var seen: QueueCounts
    let bytes: Int

    init(seed: UInt64) {
        dice = Dice(seed: seed)
        for _ in 0..<4 { _ = dice.next() }
        bytes = [1_600, 3_000, 6_000, 1 << 20][Int.random(in: 0..<4, using: &dice)]
        var limits = RefreshQueue.Limits(bytes: bytes, workers: Int.random(in: 1...4, using: &dice))
        limits.batchKeys = Int.random(in: 1...6, using: &dice)
        limits.firstPause = .milliseconds(10)
        limits.longestPause = .milliseconds(100)
        queue = RefreshQueue(limits: limits, seed: seed)
        queue.adopt(Shop.catalogue)
        seen = queue.counts
        for key in World.keys.indices where Bool.random(using: &dice) { world.cache[key] = 1 }
    }

    mutating func chance(_ percent: Int) -> Bool { dice.next() >> 32 % 100 < UInt64(percent) }
    mutating func pick(_ count: Int) -> Int { Int(dice.next() >> 33) % count }

    /// Walks, comes to rest, and compares.
    mutating func run(steps: Int) throws(Violation) {
        for _ in 0..<steps { try step() }
        try drain()
        try compareAtRest()
    }

    private mutating func step() throws(Violation) {
        switch pick(100) {
        case 0..<30: event()
        case 30..<44: try take()
        case 44..<70: try advanceFlight()
        case 70..<74: now = now + .milliseconds(Int64(pick(60)))
        case 74..<88: try advancePasses()
        case 88..<90: loseChange()
        case 90..<92: heal()
        case 92: reload(hasPages: !hasPages)
        case 93: try emptyRegion()
        default: try settle()
        }
        try compareCounts()
    }

    // MARK: Events

    /// An event: rows change, then their keys are asked for, and perhaps a message waits for them.
    private mutating func event() {
        let keys = (0..<pick(4)).map { _ in pick(World.keys.count) }
        for key in keys { world.bump(key) }
        let id = chance(60) ? begin(keys.map { ($0, world.database[$0]) }) : nil
        for key in keys { ask(key, id) }
        if let id { queue.seal(id) }
    }

    private mutating func begin(_ needs: [(key: Int, version: Int)]) -> EventID? {
        sequence += 1
        let id = queue.begin(
            Event(purpose: .messages(ChannelID(0)), payload: Bytes("payload"), sequence: sequence, seen: now))
        if id == nil { seen.messagesDropped += 1 } else { waiting[sequence] = Waiting(needs: needs) }
        return id
    }

    private mutating func ask(_ key: Int, _ id: EventID?) {
        let known = World.keys[key]
        guard let query = known.queries.randomElement(using: &dice), chance(75) else {
            world.invalidate(key)
            watchingFolds { walk in walk.queue.invalidate(known.region, key: known.bytes, event: id, at: walk.now) }
            return
        }
        if query.id == Shop.page, !hasPages {
            if id != nil { waiting[sequence]?.needs.removeAll { $0.key == key } }
            return
        }
        world.mustExist[key] = true
        watchingFolds { walk in
            walk.queue.refresh(
                query.id, key: known.bytes, parameters: query.parameters, event: id, at: walk.now)
        }
    }

    /// Asks the queue for something, and takes notice of the keys that a pass will have to answer for.
    mutating func watchingFolds(_ body: (inout QueueWalk) -> Void) {
        let before = queue.counts
        body(&self)
        seen.asked += 1
        noticeFolds(since: before)
    }

    mutating func noticeFolds(since before: QueueCounts) {
        guard queue.counts.folded != before.folded || queue.counts.absorbed != before.absorbed else { return }
        for lane in queue.report() where lane.isFolded { leaveToPass(lane.region) }
    }

    /// Keys of the region need not exist, and messages for them may come after its pass.
    mutating func leaveToPass(_ region: RegionID) {
        for key in World.ofRegion[region.index] { world.mustExist[key] = false }
        for (sequence, message) in waiting where message.needs.contains(where: { World.keys[$0.key].region == region })
        {
            waiting[sequence]?.isLoose = true
        }
    }

    /// Everything in a region is invalidated, and a key may be asked for right after, by the same event.
    private mutating func emptyRegion() throws(Violation) {
        let region = RegionID(pick(3))
        let keys = World.ofRegion[region.index]
        for key in keys where chance(50) { world.bump(key) }
        leaveToPass(region)
        for key in keys { world.invalidate(key) }
        let id = chance(60) ? begin([]) : nil
        queue.invalidateAll(region, event: id, at: now)
        try want(.purge, region)
        if chance(30), let key = keys.randomElement(using: &dice) { ask(key, id) }
        if let id { queue.seal(id) }
    }

    private mutating func loseChange() {
        world.bump(pick(World.keys.count))
        isGapOpen = true
    }

    mutating func heal() {
        guard isGapOpen else { return }
        isGapOpen = false
        for region in 0..<3 {
            queue.dirtyRunning(RegionID(region), at: now)
            _ = passes.want(.resync, RegionID(region))
        }
    }

    mutating func reload(hasPages: Bool) {
        self.hasPages = hasPages
        let before = queue.counts
        queue.adopt(hasPages ? Shop.catalogue : Self.withoutPages)
        noticeFolds(since: before)
        leaveToPass(Shop.pages)
        for sequence in waiting.keys {
            waiting[sequence]?.needs.removeAll { World.keys[$0.key].region == Shop.pages }
        }
        queue.dirtyRunning(Shop.pages, at: now)
        _ = passes.want(.resync, Shop.pages)
    }

    private static let withoutPages = Catalogue(
        Registry(
            regions: Shop.registry.regions, queries: Array(Shop.registry.queries.dropLast()), channels: []),
        after: Shop.catalogue)

    // MARK: What comes out

    /// Folds become passes, and what is due leaves.
    mutating func settle() throws(Violation) {
        for region in queue.takeFolds() { _ = passes.want(.resync, region) }
        for event in queue.takeDue() {
            switch event.purpose {
            case .messages: try leave(event.sequence)
            case .pass(nil), .call: break
            case .pass(let region?):
                if running[region.index]?.number == event.sequence { running[region.index]?.isAnswered = true }
            }
        }
    }

    /// A message has left for good.
    mutating func leave(_ sequence: UInt64) throws(Violation) {
        guard let message = waiting.removeValue(forKey: sequence) else {
            throw Violation("message \(sequence) left twice")
        }
        for (key, version) in message.needs where world.settled[key] < version {
            let name = World.keys[key].bytes
            try demand(message.isLoose, "message \(sequence) left before \(name) was stored")
            if world.cache[key] == nil || world.failing.contains(key) { continue }
            throw Violation("message \(sequence) left before a pass answered for \(name)")
        }
    }
}
