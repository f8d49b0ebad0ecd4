/// The feed: LISTEN of all channels first, then the resync, and a gap ends only when a notification has proven it.
extension RegionKeeper {
    /// LISTEN is in force on all channels: what is read from now on can not be overtaken unheard.
    public mutating func feedRestored(at now: Moment) {
        isListening = true
        isProven = false
        heard = []
        if role == .owner {
            if sabotage.breaks(.resync), hasWarmed { return answerGaps(at: now) }
            resyncAll(at: now)
        } else {
            marks.reset()
        }
    }

    /// A notification that surely was sent has come.
    public mutating func feedProven(at now: Moment) {
        isProven = true
        endFeedGaps(at: now)
    }

    /// Notifications may have been lost since a moment.
    public mutating func feedLost(since: Moment, at now: Moment) {
        isListening = false
        isProven = false
        heard = []
        marks.reset()
        // Until it has heard once, the gap of the start goes on.
        let isStarting = gaps.gaps.contains { $0.cause == .start && $0.until == nil }
        if !isStarting { gaps.opened(.listener, at: since) }
    }

    /// Redis is another or has lost data: nothing that was written before is known to be there.
    public mutating func redisLost(at now: Moment) {
        guard role == .owner else { return }
        gaps.opened(.redis, at: now)
        gaps.closed(.redis, at: now)
        if sabotage.breaks(.resync) { return answerGaps(at: now) }
        resyncAll(at: now)
    }

    /// The gaps of the feed are over when it is proven and somebody answers them: the owner by its resync.
    mutating func endFeedGaps(at now: Moment) {
        guard isProven, role == .owner || marks.coveredSince != nil else { return }
        gaps.closed(.start, at: now)
        gaps.closed(.listener, at: now)
        if role == .standby { gaps.closed(.takeover, at: now) }
        answerGaps(at: now)
    }
}
