/// What is to be done with a key: refreshing it by a query or deleting it, as its lane says.
struct Operation: Equatable {
    /// The query's parameters; none for a deletion.
    var parameters: Bytes
    /// The number of the lane.
    var lane: Int32
}

/// One key that something is to be done with, from the first event until it is stored.
///
/// ```
///            event                 taken              stored
///  (absent) ------->  waiting  ------------> inFlight ------> (absent), or waiting when it is dirty
///                        ^                      |
///                        |  pause over          | fault of this key alone, or stored under the lock of a reader
///                        +- parked, contested <-+
/// ```
///
/// A million of them may wait: what few keys have is in objects of its own.
struct Entry: Vacant {
    enum Phase {
        case waiting, inFlight, parked
        /// It is stored, and rests until it is looked at again whether a reader still holds its lock.
        case contested
    }

    private(set) var key: Bytes
    private(set) var parameters: Bytes
    /// When the first event came that is not stored yet.
    var since: Moment
    var events: EventStore.List
    /// What events that came during the flight ask for.
    private(set) var dirty: Dirty?
    /// What is remembered of the times before, where there is something.
    private var past: Past?
    /// The key's hash, by which the region's table finds it.
    let hash: UInt32
    /// The lane of what is done with it.
    private(set) var lane: Int32
    /// Changes whenever the entry is put into a lane, so that older places in lanes are void.
    var ticket: UInt32 = 0
    var phase = Phase.waiting
    /// How often in a row an event came while it was refreshed.
    private var refreshes: UInt8 = 0
    /// Somebody waits for the key, whether it is in the cache or not.
    var isWanted = false

    init(
        _ key: consuming Bytes, _ hash: UInt32, _ operation: consuming Operation, since: Moment,
        events: EventStore.List
    ) {
        self.key = key
        self.hash = hash
        parameters = operation.parameters
        lane = operation.lane
        self.since = since
        self.events = events
    }

    var operation: Operation {
        get { Operation(parameters: parameters, lane: lane) }
        set { (parameters, lane) = (newValue.parameters, newValue.lane) }
    }

    /// What is to be done next with one that is in flight; the last of what was asked for.
    var next: Operation? { dirty?.operation }

    /// Something else, or the same again, is to be done with it.
    mutating func soil(_ operation: Operation, at now: Moment) {
        if let dirty { dirty.operation = operation } else { dirty = Dirty(operation, since: now) }
    }

    /// Forgets what is to be done next, and hands it over.
    mutating func takeNext() -> Dirty? {
        defer { dirty = nil }
        return dirty
    }

    /// An event came while it was refreshed, once more; tells how often in a row.
    mutating func countAgain() -> UInt8 {
        refreshes = refreshes == .max ? .max : refreshes + 1
        return refreshes
    }

    mutating func vacate() {
        key = .empty
        parameters = .empty
        dirty = nil
        past = nil
        (events, phase, ticket) = (EventStore.List(), .waiting, 0)
    }

    /// What a dirty key is to be done with, since when, and the events that wait for it.
    final class Dirty {
        var operation: Operation
        let since: Moment
        var events = EventStore.List()

        init(_ operation: Operation, since: Moment) {
            self.operation = operation
            self.since = since
        }
    }

    /// How often in a row it failed by its own fault.
    var faults: Int { past?.trouble?.faults ?? 0 }
    var lastFault: RefreshFault? { past?.trouble?.last }
    /// When the first of these faults was.
    var failingSince: Moment { past?.trouble?.since ?? since }
    /// Until when a parked one pauses.
    var parkedUntil: Moment { past?.trouble?.until ?? since }

    /// It failed once more by its own fault, and pauses.
    mutating func park(_ fault: RefreshFault, at now: Moment, until: Moment) {
        let past = remembered()
        past.trouble = Trouble(faults: faults + 1, last: fault, since: past.trouble?.since ?? now, until: until)
        phase = .parked
    }

    mutating func forgetFaults() {
        if let past { past.trouble = nil }
    }

    /// It was stored once more while a reader held its lock; tells since when that is so, and how often it was.
    mutating func contest(at now: Moment) -> (since: Moment, times: Int) {
        let past = remembered()
        let contest = (since: past.contest?.since ?? now, times: (past.contest?.times ?? 0) + 1)
        past.contest = contest
        return contest
    }

    /// It was stored, and nobody held its lock.
    mutating func endContest() {
        if let past { past.contest = nil }
    }

    private mutating func remembered() -> Past {
        let past = past ?? Past()
        self.past = past
        return past
    }

    private final class Past {
        var trouble: Trouble?
        var contest: (since: Moment, times: Int)?
    }

    private struct Trouble {
        let faults: Int
        let last: RefreshFault
        let since: Moment
        let until: Moment
    }

    /// About how much memory it takes, its places in tables and lanes and what waits for it included.
    var bytes: Int {
        let isPlain = parameters.isEmpty || parameters.count == key.count
        return isPlain ? 224 + key.count : 256 + key.count + parameters.count
    }
}

/// A place in a lane; void when the entry's ticket has changed since.
struct EntryReference {
    let index: Int32
    let ticket: UInt32
}

/// Why a refresh failed, in words that hold no data.
public struct RefreshFault: Sendable, Equatable {
    /// The SQLSTATE of the server's error, if it was one.
    public let sqlState: String?
    /// What happened, and what to do about it.
    public let text: String

    /// Makes a fault of a server's code, if there is one, and words.
    public init(sqlState: String?, text: String) {
        self.sqlState = sqlState
        self.text = text
    }
}
