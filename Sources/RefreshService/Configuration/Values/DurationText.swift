/// How the configuration spells durations: `250ms`, `30s`, `5m`, `1h`, `7d`.
enum DurationText {
    private static let units: [(name: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]

    /// Milliseconds of a duration.
    static func parse(_ text: String) throws(Complaint) -> Int64 {
        guard let number = UnitNumber(text) else {
            throw Complaint("must be a whole number and a unit, such as \"250ms\", \"30s\", \"5m\", \"1h\" or \"7d\"")
        }
        guard let unit = units.first(where: { $0.name == number.unit }) else {
            throw Complaint(
                number.unit.isEmpty
                    ? "needs a unit; write \"\(number.count)s\" for seconds or \"\(number.count)ms\" for milliseconds"
                    : "has no known unit; the units are ms, s, m, h and d")
        }
        let (milliseconds, overflow) = number.count.multipliedReportingOverflow(by: unit.milliseconds)
        guard !overflow else { throw Complaint("is too large") }
        return milliseconds
    }

    /// The shortest spelling of a number of milliseconds.
    static func spelling(_ milliseconds: Int64) -> String {
        let unit = units.last { milliseconds != 0 && milliseconds % $0.milliseconds == 0 } ?? ("s", 1_000)
        return "\(milliseconds / unit.milliseconds)\(unit.name)"
    }
}
