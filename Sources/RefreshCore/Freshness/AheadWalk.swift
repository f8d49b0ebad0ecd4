/// Finds the values of one region that will soon be stale, in slow rounds over its keys, and lets them be refreshed
/// as the region's budget allows.
///
/// It remembers no deadlines: they are in Redis. A round that finds the first of them far away is followed by a long
/// pause. What is over the budget waits, and the round with it, so that memory is bounded by one page of keys.
public struct AheadWalk: Sendable {
    /// What is to be done next.
    public enum Step: Sendable, Equatable {
        /// A round begins: count the keys of the server, and call `begin`.
        case begin
        /// Look at the page of keys at this place, and call `looked`.
        case page(cursor: UInt64)
        /// Ask for the refresh of these keys and call `asked`; or `busy`, while anything else waits for a refresh.
        case refresh([Bytes])
        /// Nothing, until then.
        case wait(until: Moment)
    }

    /// What was seen of a key.
    public struct Sight: Sendable {
        let key: Bytes
        let age: Moment.Span?
        let readership: Readership

        /// What was seen of a key; its age is nil when that can not be known.
        public init(_ key: Bytes, age: Moment.Span?, readership: Readership = .unknown) {
            self.key = key
            self.age = age
            self.readership = readership
        }
    }

    /// How many keys the server looks at a page; with what is asked of each it is held for less than a millisecond.
    public static let pageKeys = 256
    /// The server has this many times as long for others as a page takes it.
    private static let share: Int64 = 9
    /// How soon it is looked again whether nothing else waits.
    private static let patience = Moment.Span.milliseconds(20)

    /// The region's soft clock.
    public let freshness: Freshness
    /// How many keys were stale in the last round that ended.
    public private(set) var stale = 0
    /// How many of its keys were due and are let go, for nobody reads them.
    public private(set) var unread = 0
    /// How many keys are due and wait for the budget, or for others.
    public var waiting: Int { due.count - firstDue }

    private var budget: RefreshBudget
    private var due: [Bytes] = []
    private var firstDue = 0
    private var round: Round?
    private var notBefore: Moment
    /// When the next round begins, at the earliest.
    private var nextRound = Moment(nanoseconds: .min)

    private struct Round {
        let began: Moment
        var cursor: UInt64 = 0
        var pagesLeft: Int64
        /// When the first of the keys that are not due yet will be.
        var soonest: Moment
        var stale = 0
        var unread = 0
    }

    /// Begins its first round at once.
    public init(_ freshness: Freshness, at now: Moment) {
        self.freshness = freshness
        budget = RefreshBudget(perSecond: freshness.budget)
        notBefore = now
    }

    /// What is to be done now.
    public func next(at now: Moment) -> Step {
        if notBefore > now { return .wait(until: notBefore) }
        if waiting > 0 {
            let count = min(budget.available(at: now), waiting)
            if count == 0 { return .wait(until: budget.next(at: now)) }
            return .refresh(Array(due[firstDue..<firstDue + count]))
        }
        return round.map { .page(cursor: $0.cursor) } ?? .begin
    }

    /// A round begins; the server has so many keys, of whatever region.
    public mutating func begin(keys: Int, at now: Moment) {
        // A key that is written while the round is under way is due no sooner than this.
        round = Round(
            began: now, pagesLeft: Int64(max(1, keys / Self.pageKeys)), soonest: now + freshness.earliestDue)
    }

    /// A page of keys was looked at, from a moment on; the next page begins at `cursor`, or the round ends at 0.
    public mutating func looked(_ page: [Sight], next cursor: UInt64, since: Moment, at now: Moment) {
        guard var round else { return }
        due.removeAll(keepingCapacity: true)
        firstDue = 0
        for sight in page { judge(sight, &round, at: now) }
        round.pagesLeft = max(1, round.pagesLeft - 1)
        round.cursor = cursor
        self.round = round
        if cursor == 0 { end(round, at: now) } else { pause(round, since: since, at: now) }
    }

    private mutating func judge(_ sight: Sight, _ round: inout Round, at now: Moment) {
        if freshness.isStale(sight.age) { round.stale += 1 }
        if let age = sight.age {
            // One that would be due before it is seen again is due now.
            let left = freshness.dueAge(of: sight.key).nanoseconds - age.nanoseconds
            if left > freshness.round.nanoseconds {
                round.soonest = min(round.soonest, now + Moment.Span(nanoseconds: left))
                return
            }
        }
        if freshness.keep == .whileRead, sight.readership == .unread {
            round.unread += 1
            // Somebody may read it yet.
            round.soonest = min(round.soonest, now + freshness.ahead)
        } else {
            due.append(sight.key)
        }
    }

    /// Pages are spread over the round; a server that is slow has the more time for others.
    private mutating func pause(_ round: Round, since: Moment, at now: Moment) {
        let left = freshness.round.nanoseconds - (now - round.began).nanoseconds
        let even = left / round.pagesLeft - (now - since).nanoseconds
        notBefore = now + Moment.Span(nanoseconds: max(even, (now - since).nanoseconds * Self.share))
    }

    private mutating func end(_ round: Round, at now: Moment) {
        stale = round.stale
        unread = round.unread
        self.round = nil
        let span = freshness.round
        // The keys that are due now are not looked at again: they are asked for before the next round begins.
        nextRound = max(round.began + span, round.soonest + Moment.Span(nanoseconds: -span.nanoseconds))
        if waiting == 0 { notBefore = nextRound }
    }

    /// The first of what is due was asked for.
    public mutating func asked(_ count: Int, at now: Moment) {
        budget.take(count, at: now)
        firstDue += count
        if waiting == 0, round == nil { notBefore = nextRound }
    }

    /// Something else waits for a refresh, and goes first.
    public mutating func busy(at now: Moment) { notBefore = now + Self.patience }

    /// Nothing can be done for now: the next round begins anew, later.
    public mutating func postpone(until later: Moment) {
        round = nil
        due = []
        firstDue = 0
        notBefore = later
    }
}
