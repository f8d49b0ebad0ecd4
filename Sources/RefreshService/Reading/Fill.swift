import Reactor
import RefreshCore

/// Names a key of the cache.
struct CacheKey: Hashable {
    let region: RegionID
    /// The key without its region's prefix.
    let key: Bytes
}

/// A reader that waits for one value: answered once, at the latest when its time is over.
@Loop
final class Reading {
    let wanted: CacheKey
    /// The query that makes it, and its parameters; nil when none does.
    let maker: (query: QueryID, parameters: Bytes)?
    /// Redis has answered, or has not for too long.
    var hasLooked = false
    private var answer: ((ReadOutcome) -> Void)?
    private var timer: TimerSource?

    init(
        _ wanted: CacheKey, _ maker: (query: QueryID, parameters: Bytes)?, within limit: Duration,
        _ answer: @escaping (ReadOutcome) -> Void
    ) {
        self.wanted = wanted
        self.maker = maker
        self.answer = answer
        let timer = TimerSource { [unowned self] in end(.late) }
        timer.arm(after: limit)
        self.timer = timer
    }

    /// Answers; later answers are left out.
    func end(_ outcome: ReadOutcome) {
        timer?.disarm()
        answer?(outcome)
        answer = nil
    }
}

/// A value that is made for however many readers wait for it.
@Loop
final class Fill {
    let wanted: CacheKey
    let query: QueryID
    let parameters: Bytes
    var readings: [Reading]
    /// The query is run for the readers alone, for the value can not be stored now.
    var isDirect = false
    /// Looks whether the value can still be stored.
    var timer: TimerSource?

    init(_ wanted: CacheKey, _ query: QueryID, _ parameters: Bytes, for reading: Reading) {
        self.wanted = wanted
        self.query = query
        self.parameters = parameters
        readings = [reading]
    }
}

/// What became of a read.
enum ReadOutcome {
    /// The value was in the cache.
    case hit([UInt8])
    /// It was, and is stale: it is refreshed behind the answer.
    case stale([UInt8])
    /// It was not, and is now.
    case created([UInt8])
    /// It was computed, and not stored: Redis is away, or another instance owns.
    case computed([UInt8])
    /// There is no row.
    case missing
    /// No query makes the key.
    case unknown
    /// The query failed.
    case failed(RefreshFault)
    /// The reader's time is over.
    case late

    /// The word for it in metrics and in answers.
    var name: String {
        switch self {
        case .hit: "hit"
        case .stale: "stale"
        case .created: "created"
        case .computed: "computed"
        case .missing: "missing"
        case .unknown: "unknown"
        case .failed: "failed"
        case .late: "late"
        }
    }

    /// All words.
    static let names = ["hit", "stale", "created", "computed", "missing", "unknown", "failed", "late"]
}
