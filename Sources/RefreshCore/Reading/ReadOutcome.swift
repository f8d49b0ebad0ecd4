/// What became of a read.
public enum ReadOutcome: Sendable, Equatable {
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
    public var name: String {
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
    public static let names = ["hit", "stale", "created", "computed", "missing", "unknown", "failed", "late"]
}
