/// Where one follower of a Redis stream is, and what is to be done so that it gets every entry once and in order.
///
/// While it keeps up it takes entries as they are read for all; who is behind has them read again from where it is, a
/// few at a time and only as it takes them, so that a slow one costs no memory.
public struct StreamPlace: Sendable, Equatable {
    /// The id of the last entry that it was sent, or after which it began.
    public private(set) var position: StreamID
    /// The latest entry that is known to be there.
    private var latest: StreamID
    /// Whether there may be entries that nothing is known of: so at the beginning.
    private var mayHaveMore = true
    /// Whether the stream has grown since the last reading began.
    private var hasGrown = false
    /// Whether entries are being read for it.
    public private(set) var isReading = false

    /// A follower that begins after an entry.
    public init(after position: StreamID) {
        self.position = position
        latest = position
    }

    /// Entries behind `previous` have been read for all, up to `last`; tells whether this one takes them.
    public mutating func came(after previous: StreamID, last: StreamID, canTake: Bool) -> Bool {
        guard canTake, !isReading, !mayHaveMore, position == previous else {
            grew(to: last)
            return false
        }
        position = last
        latest = max(latest, last)
        return true
    }

    /// The stream has an entry of that id.
    public mutating func grew(to last: StreamID) {
        if last > latest { hasGrown = true }
        latest = max(latest, last)
    }

    /// From where entries are to be read for it now; nil when it has all, waits for some already, or takes none.
    public mutating func read(canTake: Bool) -> StreamID? {
        guard canTake, !isReading, mayHaveMore || latest > position else { return nil }
        isReading = true
        hasGrown = false
        return position
    }

    /// What was read from `position` on has come.
    ///
    /// - Parameters:
    ///   - last: the id of the last entry behind `position`; nil when there was none.
    ///   - isWhole: whether the entry at `position` was still there, so that none behind it can be missing.
    ///   - hasMore: whether there may be more than was read.
    /// - Returns: whether some may be missing.
    public mutating func received(last: StreamID?, isWhole: Bool, hasMore: Bool) -> Bool {
        isReading = false
        mayHaveMore = hasMore
        let isGap = !isWhole && position != .zero
        if let last {
            position = last
        } else if isGap {
            // The stream is empty or another: everything that it will have is new.
            position = .zero
        }
        if !hasMore, latest > position {
            // What came while this was read is still to be read; what was there before has been deleted.
            mayHaveMore = hasGrown
            latest = position
        }
        return isGap
    }
}
