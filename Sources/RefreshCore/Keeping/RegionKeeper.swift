/// Keeps the regions right: what is to be refreshed, which passes are due, which gaps are open, and, while another
/// instance owns, what there will be to do after it.
///
/// Everything that can make a cached value wrong comes in as a method call: an event, a lost connection, an emptied
/// Redis, a takeover. What is to be done comes out of `queue`, `passes` and `takeEffects`.
public struct RegionKeeper: ~Copyable {
    /// Who may write.
    public enum Role: Sendable, Equatable {
        /// Another instance, or nobody is known to.
        case standby
        /// This one: it holds a token that the fence knows.
        case owner
    }

    /// What happened inside that somebody outside is to act on.
    public struct Effects: Sendable {
        /// Passes that run over these regions are to end, for what they do is overtaken.
        public var superseded: [RegionID] = []
        /// This instance may write no more: its connection for writes is to end, and the next one to watch the owner.
        public var isDemoted = false
        /// Passes may wait to be run.
        public var isPassWanted = false
        /// Gaps that were answered.
        public var answered: [Gap] = []
    }

    /// What is to be refreshed and deleted.
    public var queue: RefreshQueue
    /// What is registered.
    public private(set) var catalogue: Catalogue
    /// Which regions are to be passed over.
    public internal(set) var passes = RegionPasses()
    /// When something may have been lost.
    public internal(set) var gaps = GapLog()
    /// What a standby remembers.
    public internal(set) var marks: StandbyMarks
    /// Who may write.
    public internal(set) var role = Role.standby
    /// Whether every region was right once since the start.
    public internal(set) var hasWarmed = false

    /// Whether LISTEN is in force on all channels, and whether a notification has proven it.
    var isListening = false
    var isProven = false
    /// Nonces of this instance's that it has heard while it owned, and when, oldest first.
    var heard: [(nonce: Nonce, at: Moment)] = []
    /// What a former owner had still to do is under way.
    var isCatchingUp = false
    /// Regions of which a pass could not fill some part, and since when they may be wrong for it.
    var unfilled: [RegionID: Moment] = [:]
    /// Regions of which an event has said that every key may be wrong, until a pass that began later is over.
    var doubted: [RegionID: Moment] = [:]
    var effects = Effects()
    let sabotage: Sabotage

    /// Makes a keeper of empty regions: everything may be wrong.
    public init(
        _ catalogue: Catalogue, limits: RefreshQueue.Limits, seed: UInt64, sabotage: Sabotage = Sabotage(),
        at now: Moment
    ) {
        self.catalogue = catalogue
        self.sabotage = sabotage
        queue = RefreshQueue(limits: limits, seed: seed, sabotage: sabotage)
        marks = StandbyMarks(limit: limits.bytes / 2)
        queue.adopt(catalogue)
        gaps.opened(.start, at: now)
    }

    /// Takes up another registry; what waits for what is gone is forgotten.
    public mutating func adopt(_ catalogue: Catalogue) {
        self.catalogue = catalogue
        queue.adopt(catalogue)
        // What was marked by other rules is not worth keeping: the owner's next words cover again.
        marks.reset()
        for (index, region) in catalogue.regions.enumerated() where region == nil {
            passes.forget(RegionID(index))
            unfilled[RegionID(index)] = nil
            doubted[RegionID(index)] = nil
        }
    }

    /// Hands over what is to be acted on.
    public mutating func takeEffects() -> Effects {
        defer { effects = Effects() }
        return effects
    }

    // MARK: Events

    /// Something that an event asks for; `event` waits for it.
    public mutating func apply(_ decision: Router.Decision, event: EventID?, at now: Moment) {
        guard role == .owner else { return marks.note(decision, in: catalogue) }
        switch decision {
        case .refresh(let query, let key, let parameters):
            queue.refresh(query, key: key, parameters: parameters, event: event, at: now)
        case .invalidate(let region, let key):
            queue.invalidate(region, key: key, event: event, at: now)
        case .invalidateAll(let region):
            queue.invalidateAll(region, event: event, at: now)
            want(.purge, region)
        case .resync(let region):
            queue.resync(region, event: event, at: now)
            doubted[region] = doubted[region] ?? now
            want(.resync, region)
        }
    }

    /// What one event asks for, of which the refreshes are to change together; `event` waits for it all.
    public mutating func applyTogether(_ decisions: [Router.Decision], event: EventID?, at now: Moment) {
        guard role == .owner else {
            for decision in decisions { marks.note(decision, in: catalogue) }
            return
        }
        var keys: [(query: QueryID, key: Bytes, parameters: Bytes)] = []
        for decision in decisions {
            if case .refresh(let query, let key, let parameters) = decision,
                catalogue.queries[query.index]?.target == nil
            {
                keys.append((query, key, parameters))
            } else {
                apply(decision, event: event, at: now)
            }
        }
        queue.together(keys, event: event, at: now)
    }

    /// A refresh that an event asks for, as `apply` does it; the event that has nothing else takes no detour.
    public mutating func refresh(
        _ query: QueryID, key: Bytes, parameters: Bytes, event: EventID?, at now: Moment
    ) {
        guard role == .owner else {
            return marks.note(.refresh(query, key: key, parameters: parameters), in: catalogue)
        }
        queue.refresh(query, key: key, parameters: parameters, event: event, at: now)
    }

    // MARK: Passes

    /// Asks for a pass over a region.
    public mutating func want(_ kind: RegionPasses.Kind, _ region: RegionID) {
        if passes.want(kind, region) { effects.superseded.append(region) }
        effects.isPassWanted = true
    }

    /// The next pass to run; nil when none can begin.
    public mutating func nextPass() -> (region: RegionID, kind: RegionPasses.Kind)? {
        guard let next = passes.next() else { return nil }
        queue.beginPass(next.region)
        return next
    }

    /// A pass is over.
    ///
    /// - Parameter filled: false when a statement that fills the region could not run; another pass tries it again
    ///   later, and until one has filled the region, no gap is answered.
    public mutating func passEnded(_ region: RegionID, completed: Bool, filled: Bool = true, at now: Moment) {
        queue.endPass(region, completed: completed)
        passes.ended(region, completed: completed)
        if !filled {
            let since = gaps.gaps.filter { $0.repaired == nil }.map(\.from) + [doubted[region] ?? now]
            unfilled[region] = unfilled[region] ?? since.min()
        } else if completed {
            unfilled[region] = nil
        }
        if completed, !passes.isPending(region) { doubted[region] = nil }
        answerGaps(at: now)
    }

    /// So many keys were refreshed or deleted by passes.
    public mutating func passed(keys: Int) { gaps.repairing(keys: UInt64(keys)) }

    /// Regions whose keys folded are resynced.
    public mutating func resyncFolded(at now: Moment) {
        for region in queue.takeFolds() {
            gaps.opened(.overflow, at: now)
            gaps.closed(.overflow, at: now)
            want(.resync, region)
        }
    }

    /// Regions that a reload has changed are made right.
    public mutating func reloaded(_ regions: [RegionID], at now: Moment) {
        if regions.isEmpty || role != .owner { return }
        gaps.opened(.reload, at: now)
        gaps.closed(.reload, at: now)
        for region in regions { resync(region, at: now) }
    }

    mutating func resync(_ region: RegionID, at now: Moment) {
        queue.dirtyRunning(region, at: now)
        want(.resync, region)
    }

    mutating func resyncAll(at now: Moment) {
        for (index, region) in catalogue.regions.enumerated() where region != nil { resync(RegionID(index), at: now) }
        answerGaps(at: now)
    }

    /// Gaps that are over are answered once no region waits for a pass.
    mutating func answerGaps(at now: Moment) {
        guard passes.isQuiet, !isCatchingUp else { return }
        if unfilled.isEmpty { effects.answered += gaps.repaired(at: now) }
        if !gaps.gaps.contains(where: { $0.cause == .start && $0.until == nil }) { hasWarmed = true }
    }

    // MARK: Asking

    /// For how long values of each region may have been wrong, by the region's number; nil where all are right.
    public func ages(at now: Moment) -> [Moment.Span?] {
        let gap = gaps.gaps.filter { $0.repaired == nil }.map(\.from).min()
        return queue.oldestByRegion.enumerated().map { index, oldest in
            let isPending = passes.isPending(RegionID(index)) || (gap != nil && !isListening)
            let since = [oldest, isPending ? gap : nil, unfilled[RegionID(index)], doubted[RegionID(index)]]
                .compactMap { $0 }.min()
            return since.map { now - $0 }
        }
    }
}
