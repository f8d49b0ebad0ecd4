import RefreshCore

/// What can be told of one of the daemon's connections: whether it is up, since when, and why not.
struct ConnectionReport {
    private(set) var isUp = false
    private(set) var since: Moment
    /// The last failure, kept until the connection is up again.
    private(set) var failure: String?
    private(set) var attempts = 0

    init(now: Moment) { since = now }

    mutating func up(at now: Moment) {
        isUp = true
        since = now
        failure = nil
        attempts = 0
    }

    /// It failed, or failed again; `since` stays when it was down already.
    mutating func down(_ why: String, at now: Moment) {
        if isUp || attempts == 0 { since = now }
        isUp = false
        failure = why
        attempts += 1
    }
}
