/// Refreshes behind stale values: one for however many readers find a value stale, and whenever they are told of it.
///
/// Redis may have answered a look before the value was stored, though its answer is read after that. So a renewal is
/// remembered until all looks are over that began before it was done.
struct Renewals: Sendable {
    private enum Renewal {
        case underway
        /// It is done; so many looks are not over of readers up to the last one who had asked before.
        case done(formerLooks: Int, last: UInt64)
    }

    private var renewals: [CacheKey: Renewal] = [:]
    private var lastReader: UInt64 = 0

    /// Whether none is remembered.
    var isEmpty: Bool { renewals.isEmpty }

    /// Whether a stale value may be refreshed now.
    func admits(_ wanted: CacheKey, atMost limit: Int) -> Bool { renewals[wanted] == nil && renewals.count < limit }

    mutating func begin(_ wanted: CacheKey) { renewals[wanted] = .underway }

    /// A look begins.
    mutating func asked(by reader: UInt64) { lastReader = reader }

    /// A look is over.
    mutating func lookEnded(_ reader: UInt64, _ wanted: CacheKey) {
        guard case .done(let looks, let last) = renewals[wanted], reader <= last else { return }
        remember(wanted, looks - 1, until: last)
    }

    /// A value was refreshed, or can not be, while so many look at it.
    mutating func ended(_ wanted: CacheKey, looks: Int) {
        guard case .underway = renewals[wanted] else { return }
        remember(wanted, looks, until: lastReader)
    }

    private mutating func remember(_ wanted: CacheKey, _ looks: Int, until last: UInt64) {
        renewals[wanted] = looks == 0 ? nil : .done(formerLooks: looks, last: last)
    }
}
