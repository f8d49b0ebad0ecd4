/// Times from commit to cache, in nanoseconds; the last 65,536 of them.
struct LagRecord: Sendable {
    private(set) var count = 0
    private(set) var worst: Int64 = 0
    private var samples: [Int64] = []
    private static let kept = 65_536

    mutating func add(_ time: Int64) {
        if samples.count < Self.kept { samples.append(time) } else { samples[count % Self.kept] = time }
        count += 1
        worst = max(worst, time)
    }

    /// The time that `part` (0 to 1) of them do not exceed; nil without any.
    func quantile(_ part: Double) -> Int64? { Self.quantile(part, of: samples) }

    /// The same of the last so many.
    func quantile(_ part: Double, ofLast number: Int) -> Int64? {
        let newest = count % Self.kept
        let recent = samples.count < Self.kept ? samples[...] : samples[newest...] + samples[..<newest]
        return Self.quantile(part, of: Array(recent.suffix(number)))
    }

    private static func quantile(_ part: Double, of samples: [Int64]) -> Int64? {
        guard !samples.isEmpty else { return nil }
        let rank = Int((part * Double(samples.count)).rounded(.up)) - 1
        return samples.sorted()[min(max(rank, 0), samples.count - 1)]
    }
}
