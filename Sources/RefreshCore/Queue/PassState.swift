/// What the queue remembers for the pass over one region: the keys stored meanwhile, the events that wait.
struct PassState {
    /// Keys stored since `remember`, while that is on.
    private var touched: Set<Bytes> = []
    private var touchedBytes = 0
    private var isRemembering = false
    /// An invalidation of the whole region has come that no pass has begun to carry out.
    private var awaitsPurge = false

    /// Events that wait for the pass that runs.
    var current = EventStore.List()
    /// Events that wait for the pass that comes.
    var coming = EventStore.List()

    /// Remembers a key that was stored; gives back by how much the memory grew.
    mutating func touch(_ key: Bytes) -> Int {
        guard isRemembering, touched.insert(key).inserted else { return 0 }
        touchedBytes += 64 + key.count
        return 64 + key.count
    }

    func hasTouched(_ key: Bytes) -> Bool { isRemembering && touched.contains(key) }

    /// Remembers keys from now on, and forgets those so far; gives back how much memory was freed.
    mutating func remember() -> Int {
        isRemembering = true
        return forget()
    }

    /// The region is to be emptied: keys stored from now on stay.
    mutating func purge() -> Int {
        awaitsPurge = true
        return remember()
    }

    mutating func begin() { awaitsPurge = false }

    /// Ends; gives back how much memory was freed. What is remembered for a purge that is still to come stays.
    mutating func end() -> Int {
        if awaitsPurge { return 0 }
        isRemembering = false
        return forget()
    }

    private mutating func forget() -> Int {
        defer {
            touched = []
            touchedBytes = 0
        }
        return touchedBytes
    }
}
