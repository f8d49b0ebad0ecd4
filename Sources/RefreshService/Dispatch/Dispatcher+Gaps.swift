import Logging
import Reactor
import RefreshCore

extension Dispatcher {
    /// LISTEN is in force on all channels.
    func feedRestored() {
        let now = Moment.now
        canary.listening(at: now)
        keeper.feedRestored(at: now)
        // Who is told once values are stored is told when the gap has been answered.
        followed?.missed(.listener, .receive)
        act()
    }

    /// Notifications may have been lost, since the last of which it is known that none was.
    func feedLost() {
        let now = Moment.now
        let since = min(now, canary.completeUntil ?? now)
        canary.deaf()
        let wasOpen = keeper.gaps.isOpen
        keeper.feedLost(since: since, at: now)
        if !wasOpen, keeper.gaps.isOpen { logger.tell(.gapBegins, ["cause": "\(GapCause.listener.rawValue)"]) }
        act()
    }

    /// Redis is not what it was: every region is resynced.
    func redisLostData() {
        logger.tell(.gapBegins, ["cause": "\(GapCause.redis.rawValue)"])
        keeper.redisLost(at: .now)
        act()
    }

    /// Redis takes writes, or may do so again: what waited for that goes on.
    func redisAccepts() {
        onPassWanted()
        settle()
    }

    /// The fence was raised: this instance writes from now on, if it did not before.
    func promoted(replacing former: String) {
        if keeper.role == .owner { return }
        keeper.promoted(replacing: former, at: .now)
        let causes = keeper.gaps.gaps.filter { $0.repaired == nil }.map(\.cause.rawValue)
        logger.tell(.owner, ["answers": "\(causes.joined(separator: ", "))"])
        act()
        settleSoon()
    }

    /// The owner's word has been read from Redis.
    func ownerSaid(_ word: OwnerWord) {
        keeper.ownerSaid(word, at: .now)
        act()
    }

    /// Another instance holds the lease.
    func demoted() {
        if keeper.role == .standby { return }
        keeper.demoted(at: .now)
        followed?.demoted()
        act()
        settleSoon()
    }

    /// Asks for a pass over a region.
    func want(_ kind: RegionPasses.Kind, _ region: RegionID) {
        keeper.want(kind, region)
        act()
    }

    /// Regions that a reload has changed are made right.
    func resync(_ names: [RegionName]) {
        keeper.reloaded(names.compactMap { catalogue.region($0) }, at: .now)
        act()
    }

    /// A pass is over.
    func passEnded(_ region: RegionID, completed: Bool, filled: Bool) {
        keeper.passEnded(region, completed: completed, filled: filled, at: .now)
        act()
        settleSoon()
    }

    /// Carries out what the keeper has decided besides work for the queue.
    func act() {
        let effects = keeper.takeEffects()
        for region in effects.superseded { onPassSuperseded(region) }
        if effects.isDemoted { link?.renew("another instance holds the lease") }
        if effects.isPassWanted { onPassWanted() }
        for gap in effects.answered {
            let length = gap.until.map { ($0 - gap.from).seconds } ?? 0
            logger.tell(
                .gapAnswered,
                [
                    "cause": "\(gap.cause.rawValue)", "seconds": "\(decimal(length, places: 3))",
                    "keys": "\(gap.keys)",
                ])
        }
        if effects.answered.isEmpty { return }
        if let followed { tell(followed, of: effects.answered) }
        onActivity()
    }

    /// Values are right again of whose changes no event may have told.
    private func tell(_ followed: FollowedChannels, of gaps: [Gap]) {
        // What Redis lost is there again as it was, and of what the queue folded the events come.
        let causes = gaps.map(\.cause).filter { $0 != .redis && $0 != .overflow }
        guard let cause = causes.last else { return }
        let why: MissedEvents =
            switch cause {
            case .takeover: .takeover
            case .reload: .reload
            case .start, .listener, .redis, .overflow: .listener
            }
        followed.missed(why, .refresh)
    }
}
