import BasicContainers

/// Decides which keys are refreshed or deleted, when, and together with which others.
///
/// A key is in flight at most once; an event for a key that waits adds nothing, one for a key that runs makes it
/// dirty, and dirty runs exactly once more, after a short rest if that happens again and again. Of a refresh and an invalidation of one key the later event wins.
/// Queries take turns, and no query has all workers. The queue never drops a key: above its bound in bytes the
/// largest lane folds into "resync this region" (`takeFolds`), and its keys add nothing until that begins.
///
/// A key that was stored while a reader held its lock is refreshed again until none does, for as long as the batch's
/// outcome says.
///
/// Events that wait for keys are attached as the keys are asked for, and come out of `takeDue`, oldest first,
/// once all their keys are stored.
public struct RefreshQueue: ~Copyable {
    /// The bounds and pauses of a queue.
    public struct Limits: Sendable {
        /// About how much memory waiting keys and events may take.
        public var bytes: Int
        /// The most keys of one batch.
        public var batchKeys = 1024
        /// About the most bytes of one batch's result; the size of one key's is learned.
        public var batchBytes = 4 << 20
        /// The most keys of a query's first batch, before anything is known of their size.
        static let firstBatchKeys = 32
        /// How many batches of one query run at a time.
        public var concurrencyPerQuery: Int
        /// The first pause after a fault.
        public var firstPause = Moment.Span.seconds(1)
        /// The pause that repeated faults lead to.
        public var longestPause = Moment.Span.seconds(60)

        /// Bounds for so much memory and so many workers.
        public init(bytes: Int, workers: Int) {
            self.bytes = bytes
            concurrencyPerQuery = max(1, workers - 1)
        }
    }

    /// The bounds in force; they may change at any time.
    public var limits: Limits
    /// What has happened since the start.
    public internal(set) var counts = QueueCounts()

    var entries = Slab<Entry>()
    var events = EventStore()
    /// The entries by key, a table for each region.
    var tables = UniqueArray<KeyTable>()
    /// What the hashes of keys depend on.
    let secret: UInt64
    /// The lanes, and where those of each query and of each region's deletions are.
    var lanes: [Lane] = []
    var laneOfQuery: [Int] = []
    var laneOfDeletions: [Int] = []
    var passes: [PassState] = []
    /// Keys that pause after a fault of their own, in no order, and the earliest end of a pause.
    var parked: [EntryReference] = []
    var nextParkedWake: Moment?
    var running: [UInt64: Batch] = [:]
    /// Those of the running batches whose statements run.
    var unanswered: Set<UInt64> = []
    /// Deletions that ran as the lease was lost: another instance may store their keys.
    var abandonedDeletions: Set<UInt64> = []
    var lastBatch: UInt64 = 0
    /// Keys that change together.
    var groups = TogetherLine()
    /// The nonce that waits for a worker, and whether one is under way.
    var waitingCanary: UInt64?
    var runsCanary = false
    var lastTicket: UInt32 = 0
    /// The lanes of queries and of deletions that may have work, and those that may pause.
    var turns = LaneTurns()
    var deletionTurns = LaneTurns()
    var suspended: Set<Int> = []
    /// Keys that are hot, and keys whose locks readers hold.
    var resting = RestingKeys.hot
    var contested = RestingKeys.contested
    var folds: [RegionID] = []
    /// How much had been asked for when memory was last to be given back.
    var askedAtRest: UInt64 = 0
    var entryBytes = 0
    var passBytes = 0
    /// Random numbers for jitter: a xorshift state, seeded by the owner so that a run can be repeated.
    var random: UInt64
    let sabotage: Sabotage

    /// Makes an empty queue, which knows no region until `adopt`.
    public init(limits: Limits, seed: UInt64, sabotage: Sabotage = Sabotage()) {
        self.limits = limits
        self.sabotage = sabotage
        random = seed | 1
        secret = Self.scattered(seed)
    }

    /// About how much memory waiting keys and events take.
    public var bytes: Int { events.bytes + entryBytes + passBytes + groups.bytes }

    /// How many keys wait, run or are parked.
    public var keyCount: Int { entries.count }

    /// Whether a pass may ask for more keys: what waits is well below the bound at which it would fold.
    ///
    /// Messages do not count, nor what passes remember: both may stay until that very pass is over.
    public var isCalm: Bool { entries.count < 16_384 && entryBytes + groups.bytes < limits.bytes / 4 }

    /// Whether nothing waits or runs; parked and contested keys do not count.
    public var isQuiet: Bool {
        running.isEmpty && resting.isEmpty && groups.waiting.isEmpty && !turns.lanes.contains { lanes[$0].hasWork }
            && !deletionTurns.lanes.contains { lanes[$0].hasWork }
    }

    /// Takes up the regions and queries of `catalogue`; the keys of queries that are gone are forgotten.
    public mutating func adopt(_ catalogue: Catalogue) {
        while laneOfDeletions.count < catalogue.regions.count {
            let region = RegionID(laneOfDeletions.count)
            tables.append(KeyTable())
            passes.append(PassState())
            laneOfDeletions.append(lanes.count)
            lanes.append(Lane(work: .delete(region), region: region, limits: limits))
        }
        while laneOfQuery.count < catalogue.queries.count {
            let query = QueryID(laneOfQuery.count)
            let region = catalogue.regionOfQuery[query.index]
            laneOfQuery.append(lanes.count)
            lanes.append(Lane(work: .refresh(query), region: region, limits: limits))
        }
        for (query, lane) in laneOfQuery.enumerated() {
            lanes[lane].isRetired = catalogue.queries[query] == nil
            lanes[lane].isResolver = catalogue.queries[query]?.target != nil
            if lanes[lane].isRetired { dropWaiting(ofLane: lane) }
        }
        for (region, known) in catalogue.regions.enumerated() where known == nil {
            // No pass comes for a region that is gone.
            events.release(&passes[region].current)
            events.release(&passes[region].coming)
        }
    }

    /// Events whose keys are all stored since the last call, oldest first.
    public mutating func takeDue() -> [Event] { events.takeDue() }

    /// Regions that folded since the last call, and need a resync.
    public mutating func takeFolds() -> [RegionID] {
        defer { folds = [] }
        return folds
    }

    /// Begins an event; it is due once every key it is attached to is stored, and `seal` has been called.
    ///
    /// Messages may take half of the queue's memory; above that they are given up, counted, and nil is returned.
    public mutating func begin(_ event: consuming Event) -> EventID? {
        if case .messages = event.purpose, isFull(with: event.bytes) { return nil }
        return events.insert(event)
    }

    /// Begins an event whose messages leave when it is due.
    public mutating func begin(
        _ channel: ChannelID, payload: Bytes, subject: Subject?, sequence: UInt64, seen: Moment
    ) -> EventID? {
        if isFull(with: Event.bytes(payload)) { return nil }
        return events.insert(
            Event(purpose: .messages(channel), payload: payload, subject: subject, sequence: sequence, seen: seen))
    }

    /// Followers are to hear of an event that has begun, and not only its messages to leave.
    public mutating func follow(_ id: EventID) { events[id].isFollowed = true }

    /// Whether messages have no room for so many bytes more; they are then given up.
    private mutating func isFull(with bytes: Int) -> Bool {
        if events.bytes + bytes <= limits.bytes / 2 { return false }
        counts.messagesDropped += 1
        return true
    }

    /// The event has been attached to all its keys.
    public mutating func seal(_ id: EventID) { events.finishOne(id) }

    /// Spreads the bits of a seed over all 64.
    private static func scattered(_ seed: UInt64) -> UInt64 {
        var bits = seed &+ 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }

    /// The entry of a key, by the key's hash.
    func entry(of key: Bytes, in region: RegionID, hash: UInt32) -> Int32? {
        tables[region.index].find(hash) { entries[$0].key == key }
    }

    mutating func nextRandom() -> UInt64 {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        return random
    }
}

/// What a queue has done since the start.
public struct QueueCounts: Sendable, Equatable {
    /// Refreshes and deletions asked for.
    public var asked: UInt64 = 0
    /// Those that found the key waiting, running or parked already.
    public var coalesced: UInt64 = 0
    /// Those taken up by a folded lane.
    public var absorbed: UInt64 = 0
    /// How often a lane folded.
    public var folded: UInt64 = 0
    /// Keys stored or deleted.
    public var stored: UInt64 = 0
    /// How often a key was parked.
    public var parked: UInt64 = 0
    /// Messages given up because too many waited.
    public var messagesDropped: UInt64 = 0
}
