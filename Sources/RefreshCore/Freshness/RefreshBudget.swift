/// Lets so many things happen in a second, evenly: after a pause no more than a tenth of a second's at once.
struct RefreshBudget: Sendable {
    private let cost: Int64
    private let burst: Int64
    /// When all that was let through is paid for.
    private var paid = Moment(nanoseconds: .min)

    init(perSecond: Int) {
        let rate = Int64(max(1, perSecond))
        cost = max(1, 1_000_000_000 / rate)
        burst = max(1, rate / 10)
    }

    /// How many may happen now.
    func available(at now: Moment) -> Int {
        let behind = paid > now ? (paid - now).nanoseconds : 0
        return Int(max(0, burst - (behind + cost - 1) / cost))
    }

    /// When the next may happen.
    func next(at now: Moment) -> Moment {
        available(at: now) > 0 ? now : paid + Moment.Span(nanoseconds: -(burst - 1) * cost)
    }

    /// So many happen.
    mutating func take(_ count: Int, at now: Moment) {
        paid = max(paid, now) + Moment.Span(nanoseconds: Int64(count) * cost)
    }
}
