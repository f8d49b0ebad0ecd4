/// Why notifications or stored values may have been lost.
public enum GapCause: String, Sendable, CaseIterable {
    /// The daemon has just started, and nobody listened before.
    case start
    /// The listening connection was lost.
    case listener
    /// Redis lost its data: the fence is gone or is an older one, or the server is another.
    case redis
    /// More keys waited than the queue may hold.
    case overflow
    /// A reload changed what the region's keys or values are.
    case reload
    /// Another instance was the owner.
    case takeover
}

/// A stretch of time in which something may have been lost, and what has been done about it.
public struct Gap: Sendable, Equatable {
    /// Why something may have been lost.
    public let cause: GapCause
    /// When that began.
    public let from: Moment
    /// When events were complete again; nil while they are not.
    public var until: Moment?
    /// When every region was right again; nil until then.
    public var repaired: Moment?
    /// Keys refreshed or deleted to answer it.
    public var keys: UInt64 = 0

    /// Why something may have been lost.
    public init(cause: GapCause, from: Moment) {
        self.cause = cause
        self.from = from
    }
}

/// The latest gaps, oldest first, of which only so many are kept.
public struct GapLog: Sendable {
    /// The latest gaps, oldest first.
    public private(set) var gaps: [Gap] = []
    /// How many there were, by cause.
    public private(set) var counts: [GapCause: UInt64] = [:]
    private let kept = 20

    /// A log without gaps.
    public init() {}

    /// Whether some gap is not answered yet.
    public var isOpen: Bool { gaps.contains { $0.repaired == nil } }

    /// A gap begins; one of the same cause that is not answered yet goes on, so that those are never more than causes.
    public mutating func opened(_ cause: GapCause, at now: Moment) {
        if let open = gaps.firstIndex(where: { $0.cause == cause && $0.repaired == nil }) {
            if gaps[open].until != nil { counts[cause, default: 0] += 1 }
            gaps[open].until = nil
            return
        }
        counts[cause, default: 0] += 1
        gaps.append(Gap(cause: cause, from: now))
        // One that is not answered is kept: its answer is still to be told.
        if gaps.count > kept, let oldest = gaps.firstIndex(where: { $0.repaired != nil }) { gaps.remove(at: oldest) }
    }

    /// Events are complete again.
    public mutating func closed(_ cause: GapCause, at now: Moment) {
        for index in gaps.indices where gaps[index].cause == cause && gaps[index].until == nil {
            gaps[index].until = now
        }
    }

    /// So many keys were refreshed or deleted for the sake of the open gaps.
    public mutating func repairing(keys: UInt64) {
        for index in gaps.indices where gaps[index].repaired == nil { gaps[index].keys += keys }
    }

    /// Every region is right again: the gaps that ended are answered.
    public mutating func repaired(at now: Moment) -> [Gap] {
        var answered: [Gap] = []
        for index in gaps.indices where gaps[index].repaired == nil && gaps[index].until != nil {
            gaps[index].repaired = now
            answered.append(gaps[index])
        }
        return answered
    }
}
