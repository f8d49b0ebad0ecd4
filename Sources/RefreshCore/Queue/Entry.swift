/// What is to be done with a key.
enum Operation: Equatable {
    case refresh(QueryID, parameters: Bytes)
    case delete
}

/// One key that something is to be done with, from the first event until it is stored.
///
/// ```
///            event                 taken              stored
///  (absent) ------->  waiting  ------------> inFlight ------> (absent), or waiting when it is dirty
///                        ^                      |
///                        |  pause over          | fault of this key alone
///                        +------- parked <------+
/// ```
struct Entry {
    enum Phase: Equatable {
        case waiting
        case inFlight
        case parked(until: Moment)
    }

    var region = RegionID(0)
    var key = Bytes.empty
    /// The key's hash, by which the region's table finds it.
    var hash: UInt32 = 0
    var operation = Operation.delete
    var phase = Phase.waiting
    /// When the first event came that is not stored yet.
    var since = Moment(nanoseconds: 0)
    var events = EventStore.List()

    /// Dirty: what an event that came during the flight asks for, since when, and the events that wait for it.
    var next: Operation?
    var nextSince = Moment(nanoseconds: 0)
    var nextEvents = EventStore.List()

    /// What went wrong with it last, in an object of its own: few keys have any.
    private var trouble: Trouble?
    /// Changes whenever the entry is put into a lane, so that older places in lanes are void.
    var ticket: UInt32 = 0

    /// How often in a row it failed by its own fault.
    var faults: Int { trouble?.faults ?? 0 }
    var lastFault: RefreshFault? { trouble?.last }
    /// When the first of these faults was.
    var failingSince: Moment { trouble?.since ?? since }

    /// It failed once more by its own fault.
    mutating func fail(_ fault: RefreshFault, at now: Moment) {
        trouble = Trouble(faults: faults + 1, last: fault, since: trouble?.since ?? now)
    }

    mutating func forgetFaults() { trouble = nil }

    private final class Trouble {
        let faults: Int
        let last: RefreshFault
        let since: Moment

        init(faults: Int, last: RefreshFault, since: Moment) {
            self.faults = faults
            self.last = last
            self.since = since
        }
    }

    /// About how much memory it takes.
    var bytes: Int {
        guard case .refresh(_, let parameters) = operation, parameters.count != key.count else {
            return 224 + key.count
        }
        return 256 + key.count + parameters.count
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
