import RefreshCore

/// What a client of `/events` follows, as the daemon grants it.
struct Following: Sendable, Equatable {
    enum Source: Sendable, Equatable {
        /// Events of Postgres channels, as they arrive or once what they refresh is stored.
        case channels(Interest, after: Route.Moment)
        /// A Redis stream behind an entry; some may have been missed already.
        case stream(String, after: StreamID, missed: MissedEvents?)
    }

    let source: Source
    /// The id after which it goes on, as the client sent it; nil begins with what comes now.
    let last: String?
}
