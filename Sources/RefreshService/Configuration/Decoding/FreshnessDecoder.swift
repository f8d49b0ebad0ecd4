import RefreshCore

/// Makes the soft clock of a `[regions.NAME]`.
enum FreshnessDecoder {
    /// `refresh_ahead` as a share of `stale_after` or as a time.
    private enum Ahead {
        case percent(Int64)
        case milliseconds(Int64)
    }

    private static let usualAhead = Ahead.percent(10)
    private static let usualBudget = 100
    private static let aheadAdvice = "\"10%\" of stale_after, at most \"90%\", or a duration such as \"30s\""

    static func freshness(
        _ table: TableReader<RegionKey>, ttl: Int64?, isTTLKnown: Bool, format: ValueFormat, within longest: Int64
    ) -> Freshness? {
        let staleAfter = table.milliseconds(.staleAfter, in: 1_000...longest)
        let ahead = table.parsed(.refreshAhead, by: ahead)
        let budget = table.integer(.refreshBudget, in: 1...1_000_000) ?? usualBudget
        let keep = table.choice(.keep, of: Freshness.Keep.self) ?? .always
        guard table.has(.staleAfter) else {
            for key in [RegionKey.refreshAhead, .refreshBudget, .keep] where table.has(key) {
                table.fault(key, "needs stale_after beside it, which says when a value is to be fresh again")
            }
            return nil
        }
        guard let staleAfter else { return nil }
        if isTTLKnown {
            checkClock(table, staleAfter, ttl, format)
            if keep == .whileRead, ttl == nil {
                table.fault(
                    .keep, "can be \"while_read\" only with a ttl, after which a value that nobody reads is gone")
            }
        }
        let length =
            switch ahead ?? usualAhead {
            case .percent(let share): staleAfter / 100 * share + staleAfter % 100 * share / 100
            case .milliseconds(let length): length
            }
        if length >= staleAfter {
            table.fault(.refreshAhead, "must be shorter than stale_after, or values would be refreshed without end")
        }
        return Freshness(
            staleAfter: .milliseconds(staleAfter), ahead: .milliseconds(length), budget: budget, keep: keep)
    }

    /// The age of a value has to be in Redis.
    private static func checkClock(
        _ table: TableReader<RegionKey>, _ staleAfter: Int64, _ ttl: Int64?, _ format: ValueFormat
    ) {
        if let ttl {
            guard staleAfter >= ttl else { return }
            table.fault(.staleAfter, "must be shorter than ttl (\(DurationText.spelling(ttl))), which ends the value")
        } else if format != .dogpile {
            table.fault(
                .staleAfter,
                "needs a longer ttl beside it, by which Redis knows how old a value is; "
                    + "or format = \"dogpile\", whose values say when they were made")
        }
    }

    private static func ahead(_ text: String) throws(Complaint) -> Ahead {
        if text == "0" { return .milliseconds(0) }
        guard let number = UnitNumber(text), !number.unit.isEmpty else { throw Complaint("must be \(aheadAdvice)") }
        guard number.unit == "%" else { return .milliseconds(try DurationText.parse(text)) }
        guard number.count <= 90 else { throw Complaint("must be \(aheadAdvice)") }
        return .percent(number.count)
    }
}
