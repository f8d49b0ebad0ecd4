/// Decides which region is passed over next, and whether a pass that runs still makes sense.
///
/// A *resync* makes every key of a region right again after a gap; a *purge* deletes every key that has not been
/// stored since it was asked for. A purge makes a resync that waits or runs needless; a resync asked for after a
/// purge comes after it, for keys stored since may be wrong again.
public struct RegionPasses: Sendable {
    /// What a pass does.
    public enum Kind: Sendable, Equatable { case resync, purge }

    private struct Wish {
        var purge = false
        var resync = false
        var running: Kind?
        /// The region went away while the pass ran, and nothing was wanted of it since.
        var isForgotten = false
    }

    private var wishes: [Wish] = []
    private var turn = 0

    /// Wants nothing.
    public init() {}

    /// Whether no region waits for a pass or is passed over.
    public var isQuiet: Bool { wishes.allSatisfy { !$0.purge && !$0.resync && $0.running == nil } }

    /// How many regions wait for a pass or are passed over.
    public var pending: Int { wishes.count { $0.purge || $0.resync || $0.running != nil } }

    /// Whether the region waits for a pass or is passed over.
    public func isPending(_ region: RegionID) -> Bool {
        guard region.index < wishes.count else { return false }
        let wish = wishes[region.index]
        return wish.purge || wish.resync || wish.running != nil
    }

    /// Whether the region is passed over now.
    public func isRunning(_ region: RegionID) -> Bool {
        region.index < wishes.count && wishes[region.index].running != nil
    }

    /// Whether the region waits for a pass, besides one that runs.
    public func isWanted(_ region: RegionID) -> Bool {
        region.index < wishes.count && (wishes[region.index].purge || wishes[region.index].resync)
    }

    /// Asks for a pass; tells whether the one that runs is to be cancelled for it.
    public mutating func want(_ kind: Kind, _ region: RegionID) -> Bool {
        while wishes.count <= region.index { wishes.append(Wish()) }
        wishes[region.index].isForgotten = false
        switch kind {
        case .resync:
            wishes[region.index].resync = true
            return false
        case .purge:
            wishes[region.index].purge = true
            wishes[region.index].resync = false
            return wishes[region.index].running != nil
        }
    }

    /// The next pass to run, purges first, the regions in turn; nil when none can begin.
    public mutating func next() -> (region: RegionID, kind: Kind)? {
        let order = (0..<wishes.count).map { (turn + $0) % wishes.count }
        let idle = order.filter { wishes[$0].running == nil }
        guard let place = idle.first(where: { wishes[$0].purge }) ?? idle.first(where: { wishes[$0].resync }) else {
            return nil
        }
        let kind: Kind = wishes[place].purge ? .purge : .resync
        if kind == .purge { wishes[place].purge = false } else { wishes[place].resync = false }
        wishes[place].running = kind
        turn = place + 1
        return (RegionID(place), kind)
    }

    /// A pass is over; one that was not carried through is wanted again, unless a purge has taken its place.
    public mutating func ended(_ region: RegionID, completed: Bool) {
        guard region.index < wishes.count, let kind = wishes[region.index].running else { return }
        wishes[region.index].running = nil
        if completed || wishes[region.index].isForgotten { return }
        switch kind {
        case .purge: wishes[region.index].purge = true
        case .resync: if !wishes[region.index].purge { wishes[region.index].resync = true }
        }
    }

    /// The region is no longer registered: nothing is wanted of it, nor again of the pass that runs.
    public mutating func forget(_ region: RegionID) {
        guard region.index < wishes.count else { return }
        wishes[region.index].purge = false
        wishes[region.index].resync = false
        wishes[region.index].isForgotten = true
    }
}
