/// What an instance that does not own remembers of the events it hears, to go on from there when it takes over.
///
/// Notifications come to every listener in one order, and the owner's nonces among them. The owner tells in Redis up
/// to which of its nonces everything is stored; what was heard before that nonce is then forgotten. Too many marks of
/// one region become one of the whole region, so that memory is bounded.
public struct StandbyMarks: Sendable {
    private struct Mark {
        var decision: Router.Decision
        var tick: UInt64
    }

    /// The nonces heard, each of which begins a stretch, by the number of that stretch.
    private var heard: [(nonce: Nonce, tick: UInt64)] = []
    private var tick: UInt64 = 0
    private var keys: [RegionID: [Bytes: Mark]] = [:]
    /// Regions to be emptied, and regions of which every key may be wrong, by the stretch of the last event.
    private var purges: [RegionID: UInt64] = [:]
    private var whole: [RegionID: UInt64] = [:]
    /// Regions in which the owner has keys that it can not refresh.
    private var failing: Set<RegionID> = []

    /// Whether these marks, and no others, are what a new owner has to do; since when what was before is known stored.
    public private(set) var coveredSince: Moment?
    /// The fence token of the owner whose word that is.
    public private(set) var ownerToken = ""
    /// About how much memory they take.
    public private(set) var bytes = 0
    /// The most that they may take.
    public var limit: Int

    /// Remembers nothing yet.
    public init(limit: Int) { self.limit = limit }

    /// How many keys are marked.
    public var count: Int { keys.values.reduce(0) { $0 + $1.count } }
    /// How many regions are marked as a whole.
    public var regionCount: Int { Set(whole.keys).union(failing).union(purges.keys).count }

    /// Events may have been missed, or Redis be another: what comes next says nothing about what was before.
    public mutating func reset() {
        self = StandbyMarks(limit: limit)
    }

    /// An event asks for something.
    public mutating func note(_ decision: Router.Decision, in catalogue: Catalogue) {
        switch decision {
        case .refresh(let query, let key, _): note(decision, key, catalogue.regionOfQuery[query.index])
        case .invalidate(let region, let key): note(decision, key, region)
        case .invalidateAll(let region):
            drop(region)
            purges[region] = tick
        case .resync(let region):
            drop(region)
            whole[region] = tick
        }
    }

    private mutating func note(_ decision: Router.Decision, _ key: Bytes, _ region: RegionID) {
        if whole[region] != nil {
            whole[region] = tick
            return
        }
        if keys[region, default: [:]].updateValue(Mark(decision: decision, tick: tick), forKey: key) == nil {
            bytes += Self.size(key)
        }
        while bytes > limit, let largest = keys.max(by: { $0.value.count < $1.value.count }), !largest.value.isEmpty {
            drop(largest.key)
            whole[largest.key] = tick
        }
    }

    private mutating func drop(_ region: RegionID) {
        guard let dropped = keys.removeValue(forKey: region) else { return }
        for key in dropped.keys { bytes -= Self.size(key) }
    }

    /// A nonce has been heard, of whatever instance.
    public mutating func heard(_ nonce: Nonce) {
        tick += 1
        heard.append((nonce, tick))
        if heard.count > 256 { heard.removeFirst(128) }
    }

    /// The owner says that everything it heard before its nonce is stored, but for keys that fail in some regions.
    ///
    /// It counts only if the nonce was heard here as well. Tells whether the marks cover, for the first time.
    public mutating func settled(_ word: OwnerWord, failing: Set<RegionID>, at now: Moment) -> Bool {
        guard let reached = heard.last(where: { $0.nonce == word.nonce })?.tick else { return false }
        heard.removeAll { $0.tick < reached }
        for region in keys.keys {
            keys[region] = keys[region]?.filter { key, mark in
                if mark.tick >= reached { return true }
                bytes -= Self.size(key)
                return false
            }
        }
        purges = purges.filter { $0.value >= reached }
        whole = whole.filter { $0.value >= reached }
        self.failing = failing
        ownerToken = word.token
        defer { coveredSince = now }
        return coveredSince == nil
    }

    /// What the new owner has to do: the regions to empty, those to resync, and then the keys.
    public func work() -> (purges: [RegionID], resyncs: [RegionID], keys: [Router.Decision]) {
        let resyncs = Set(whole.keys).union(failing)
        let decisions = keys.sorted { $0.key.index < $1.key.index }.flatMap { _, marks in
            marks.sorted { ($0.value.tick, $0.key.description) < ($1.value.tick, $1.key.description) }
                .map(\.value.decision)
        }
        return (purges.keys.sorted { $0.index < $1.index }, resyncs.sorted { $0.index < $1.index }, decisions)
    }

    private static func size(_ key: Bytes) -> Int { 160 + 2 * key.count }
}
