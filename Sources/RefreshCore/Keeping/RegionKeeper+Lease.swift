/// The lease: a standby follows what the owner has stored, and goes on from there.
extension RegionKeeper {
    /// This instance's own nonce has come back: everything notified before it has been taken in.
    public mutating func heardOwn(_ nonce: Nonce, at now: Moment) {
        heardAny(nonce)
        guard role == .owner else { return }
        if heard.count >= 128 { heard.removeFirst() }
        heard.append((nonce, now))
        queue.canary(nonce.number)
    }

    /// A nonce of any instance of the name has come.
    public mutating func heardAny(_ nonce: Nonce) {
        if role == .standby { marks.heard(nonce) }
    }

    /// What may be told to a standby now: the last nonce before which everything is stored; nil when there is none.
    public mutating func word(token: String, at now: Moment) -> OwnerWord? {
        guard role == .owner, passes.isQuiet, !gaps.isOpen else { return nil }
        let oldest = queue.oldest(ofAtMost: 65_536)
        guard let place = heard.lastIndex(where: { entry in oldest.map { entry.at < $0 } ?? true }) else { return nil }
        heard.removeFirst(place)
        var failing: [String] = []
        for (index, region) in catalogue.regions.enumerated() {
            let isFailing = queue.isFailing(RegionID(index)) || unfilled[RegionID(index)] != nil
            if let region, isFailing { failing.append(region.prefix) }
        }
        return OwnerWord(token: token, nonce: heard[0].nonce, failing: failing)
    }

    /// The owner's word has been read from Redis.
    public mutating func ownerSaid(_ word: OwnerWord, at now: Moment) {
        guard role == .standby, isListening else { return }
        var failing: Set<RegionID> = []
        for (index, region) in catalogue.regions.enumerated() {
            if let region, word.failing.contains(region.prefix) { failing.insert(RegionID(index)) }
        }
        if marks.settled(word, failing: failing, at: now) { endFeedGaps(at: now) }
    }

    /// The standby's connection to Redis was made anew: the server may be another, or have lost what was written.
    public mutating func redisWatchedAnew() {
        if role == .standby { marks.reset() }
    }

    /// This instance may write from now on; `replaced` is the token that the fence held before, empty if none.
    ///
    /// With an unbroken record of what the former owner had still to do, that is done, and nothing else.
    public mutating func promoted(replacing replaced: String, at now: Moment) {
        guard role == .standby else { return }
        role = .owner
        let record = marks
        marks.reset()
        let isCovered = isListening && record.coveredSince != nil && record.ownerToken == replaced
        if !isCovered {
            if hasWarmed { gaps.opened(.takeover, at: now) }
            gaps.closed(.takeover, at: now)
            if isListening { resyncAll(at: now) }
        } else if let since = record.coveredSince {
            gaps.opened(.takeover, at: since)
            gaps.closed(.takeover, at: now)
            carryOut(record, at: now)
        }
        endFeedGaps(at: now)
    }

    private mutating func carryOut(_ record: StandbyMarks, at now: Moment) {
        let work = record.work()
        let done = queue.begin(Event(purpose: .pass(nil), payload: .empty, sequence: 0, seen: now))
        for region in work.purges { apply(.invalidateAll(region), event: done, at: now) }
        for region in work.resyncs { resync(region, at: now) }
        for decision in work.keys { apply(decision, event: done, at: now) }
        gaps.repairing(keys: UInt64(work.keys.count))
        isCatchingUp = true
        if let done { queue.seal(done) }
    }

    /// What the former owner had still to do is done.
    public mutating func caughtUp(at now: Moment) {
        isCatchingUp = false
        answerGaps(at: now)
    }

    /// Another instance owns: what is left to do here is its work now.
    public mutating func demoted(at now: Moment) {
        guard role == .owner else { return }
        role = .standby
        effects.isDemoted = true
        heard = []
        isCatchingUp = false
        unfilled = [:]
        doubted = [:]
        marks.reset()
        queue.abandon()
        for (index, region) in catalogue.regions.enumerated() where region != nil {
            passes.forget(RegionID(index))
            effects.superseded.append(RegionID(index))
        }
        gaps.opened(.takeover, at: now)
    }
}
