/// What the queue remembers for the pass over one region: the keys stored meanwhile, the events that wait.
struct PassState {
    /// Keys stored since `remember`, while that is on.
    private var touched: Set<Bytes> = []
    private var touchedBytes = 0
    private(set) var isRemembering = false { didSet { isNoting = isRemembering || watched != nil } }
    /// A key of which it is noted whether it is stored or dropped, and whether it was.
    private var watched: Bytes? { didSet { isNoting = isRemembering || watched != nil } }
    private var wasTouched = false
    /// Whether keys that are stored are to be told to `touch`.
    private(set) var isNoting = false
    /// An invalidation of the whole region has come that no pass has begun to carry out.
    private var awaitsPurge = false
    /// A resync is asked for that no pass has begun, since the last invalidation of the whole region.
    private(set) var awaitsResync = false
    /// The pass that runs carries out an invalidation of the whole region.
    private(set) var isPurging = false

    /// Events that wait for the pass that runs.
    var current = EventStore.List()
    /// Events that wait for the pass that comes.
    var coming = EventStore.List()

    /// Watches a key, in place of one before.
    mutating func watch(_ key: Bytes?) {
        watched = key
        wasTouched = false
    }

    /// Whether a key is watched and was neither stored nor dropped since.
    func isUntouched(_ key: Bytes) -> Bool { watched == key && !wasTouched }

    /// Remembers a key that was stored; gives back by how much the memory grew.
    mutating func touch(_ key: Bytes) -> Int {
        if watched == key { wasTouched = true }
        guard isRemembering, touched.insert(key).inserted else { return 0 }
        touchedBytes += 64 + key.count
        return 64 + key.count
    }

    /// Remembers a key that was dropped: it may be stored though the answer to its write was lost, and then a resync
    /// must not write what it read before; a purge may delete it. Gives back by how much the memory grew.
    mutating func drop(_ key: Bytes) -> Int {
        if watched == key { wasTouched = true }
        return awaitsPurge || isPurging ? 0 : touch(key)
    }

    /// Whether the pass that runs may write or delete the key: not one that was stored meanwhile, and none at all
    /// when a purge has made the pass needless.
    func admits(_ key: Bytes) -> Bool {
        if awaitsPurge, !isPurging { return false }
        return !(isRemembering && touched.contains(key))
    }

    /// Remembers keys from now on, and forgets those so far; gives back how much memory was freed.
    mutating func remember() -> Int {
        isRemembering = true
        return forget()
    }

    /// The region is to be emptied: keys stored from now on stay.
    mutating func purge() -> Int {
        awaitsPurge = true
        awaitsResync = false
        return remember()
    }

    /// Every key may be wrong: a resync comes.
    mutating func resync() { awaitsResync = true }

    /// Another instance does what passes were asked for: the one that runs comes to nothing, and is not repeated.
    mutating func abandon() { (awaitsPurge, awaitsResync, isPurging) = (false, false, false) }

    mutating func begin() {
        isPurging = awaitsPurge
        awaitsPurge = false
        if !isPurging { awaitsResync = false }
    }

    /// Ends; gives back how much memory was freed. What is remembered for a purge that is still to come, or to come
    /// again, stays.
    /// With `isFull` they are forgotten all the same, and a purge spares only the keys stored from now on.
    mutating func end(completed: Bool, isFull: Bool) -> Int {
        if isPurging, !completed { awaitsPurge = true }
        isPurging = false
        if awaitsPurge { return isFull ? forget() : 0 }
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
