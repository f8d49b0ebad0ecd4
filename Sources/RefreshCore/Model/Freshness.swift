/// The soft clock of a region's values: when they are stale, and what is done before they are.
///
/// The hard clock is the region's `ttl`, by which Redis forgets a value.
public struct Freshness: Sendable, Equatable {
    /// Which values are refreshed ahead.
    public enum Keep: String, Sendable, CaseIterable {
        /// All.
        case always
        /// Those that were read since they were written; the others go stale, and then expire.
        case whileRead = "while_read"
    }

    /// From the writing of a value until it is stale.
    public let staleAfter: Moment.Span
    /// How long before that it is refreshed, at the earliest; zero leaves it to its readers.
    public let ahead: Moment.Span
    /// How many keys of the region are refreshed ahead in a second, at most.
    public let budget: Int
    /// Which values are refreshed ahead.
    public let keep: Keep

    /// Makes the soft clock of a region; `ahead` must be shorter than `staleAfter`.
    public init(staleAfter: Moment.Span, ahead: Moment.Span, budget: Int, keep: Keep) {
        self.staleAfter = staleAfter
        self.ahead = ahead
        self.budget = budget
        self.keep = keep
    }

    /// Whether a value of that age is stale; one whose age can not be known is taken for it.
    public func isStale(_ age: Moment.Span?) -> Bool { age.map { $0 >= staleAfter } ?? true }

    /// The age at which a key's value is to be refreshed: somewhere in the first half of the time before it is stale.
    ///
    /// Where in it depends on the key alone, so that keys written together are not refreshed together, and a restart
    /// moves none of them.
    func dueAge(of key: Bytes) -> Moment.Span {
        let part = ahead.nanoseconds / 131_072 * Int64(key.hash(secret: 0) >> 16)
        return Moment.Span(nanoseconds: earliestDue.nanoseconds + part)
    }

    /// The age at which the first of all values is to be refreshed.
    var earliestDue: Moment.Span { Moment.Span(nanoseconds: staleAfter.nanoseconds - ahead.nanoseconds) }

    /// How often all keys are looked at, at most: four times while a value waits to be stale.
    var round: Moment.Span { Moment.Span(nanoseconds: max(ahead.nanoseconds / 4, 50_000_000)) }
}
