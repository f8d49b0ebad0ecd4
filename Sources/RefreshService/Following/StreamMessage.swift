import RefreshCore

/// What the loop tells the thread that serves followers about Redis streams.
enum StreamMessage: Sendable {
    /// The stream has an entry of this id, and may have had no later one.
    case grew(String, StreamID)
    /// Entries of a stream behind one, read for all.
    case came(String, after: StreamID, [StreamEntry])
    /// Entries from one on, read for those who are there.
    case read(String, from: StreamID, StreamPage)
    /// The stream can not be read.
    case failed(String)
    /// No route of the configuration writes the stream any more.
    case gone(String)

    /// About how much memory it takes.
    var bytes: Int {
        switch self {
        case .came(_, _, let entries): entries.reduce(64) { $0 + $1.bytes }
        case .read(_, _, let page): page.entries.reduce(64) { $0 + $1.bytes }
        case .grew, .failed, .gone: 64
        }
    }
}

/// Some entries of a stream, read from one on.
struct StreamPage: Sendable {
    /// Those behind it.
    let entries: [StreamEntry]
    /// Whether it was still there.
    let isWhole: Bool
    /// Whether there may be more.
    let hasMore: Bool
}
