/// The waiting keys of one query, or the keys of one region that wait for deletion.
struct Lane {
    let work: Batch.Work
    let region: RegionID
    /// Keys in the order of their first event.
    var waiting = Fifo<EntryReference>()
    /// Batches that go before what waits: halves of a failed one, interrupted ones, retries of parked keys.
    var urgent: [[EntryReference]] = []
    /// How many entries are in the lane: waiting, urgent or parked.
    var count = 0
    /// About how much memory they take.
    var bytes = 0
    /// Batches whose statements run.
    var running = 0
    /// The most keys of the next batch; halved by a timeout, doubled by a success.
    var batchLimit: Int
    /// About how many bytes of result a key makes, as far as is known; zero for what has no result.
    private var resultBytes: Int
    /// The lane was folded: its keys come with the region's next resync, and new ones add nothing.
    var isFolded = false
    /// The query is no longer registered: what comes back from a batch is forgotten.
    var isRetired = false
    /// Its keys are none: they turn into those of another query.
    var isResolver = false
    /// The query can not run; it is tried again then.
    var suspendedUntil: Moment?
    var failures = 0
    var lastFault: RefreshFault?
    var failingSince: Moment?

    init(work: Batch.Work, region: RegionID, limits: RefreshQueue.Limits) {
        self.work = work
        self.region = region
        batchLimit = limits.batchKeys
        resultBytes = if case .refresh = work { limits.batchBytes / RefreshQueue.Limits.firstBatchKeys } else { 0 }
    }

    /// How many keys the next batch may have.
    func batchSize(within limits: RefreshQueue.Limits) -> Int {
        resultBytes == 0 ? batchLimit : min(batchLimit, max(1, limits.batchBytes / resultBytes))
    }

    /// Whether a batch as large as they come waits, and nothing goes before it.
    func isFull(within limits: RefreshQueue.Limits) -> Bool {
        urgent.isEmpty && suspendedUntil == nil && waiting.count >= batchSize(within: limits)
    }

    /// So many keys have made a result of so many bytes; smaller ones than before are believed by and by.
    mutating func measured(keys: Int, bytes: Int) {
        resultBytes = max(bytes / max(1, keys), resultBytes / 2, 1)
    }

    var hasWork: Bool { !urgent.isEmpty || !waiting.isEmpty }

    /// An entry of so many bytes comes into the lane, or leaves it.
    mutating func entered(bytes: Int) {
        count += 1
        self.bytes += bytes
    }

    mutating func left(bytes: Int) {
        count -= 1
        self.bytes -= bytes
    }

    /// Takes a place at the end; tells whether most places are void.
    mutating func append(_ reference: EntryReference) -> Bool {
        waiting.append(reference)
        return waiting.count > 2 * count + 1024
    }

    /// Forgets every place; only when no entry is in the lane.
    mutating func clear() {
        waiting.removeAll()
        urgent = []
    }

    func isReady(concurrency: Int) -> Bool { hasWork && running < concurrency && suspendedUntil == nil }
}
