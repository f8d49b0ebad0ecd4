/// Counts of values below fixed bounds, as Prometheus' histograms want them.
struct Histogram {
    /// The upper bounds, rising; above the last is +Inf.
    let bounds: [Double]
    /// The count of each bucket alone, the last one for +Inf.
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    init(bounds: [Double]) {
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    var count: UInt64 { counts.reduce(0, +) }

    mutating func record(_ value: Double, times: UInt64 = 1) {
        if times == 0 { return }
        sum += value * Double(times)
        var bucket = 0
        while bucket < bounds.count, value > bounds[bucket] { bucket += 1 }
        counts[bucket] += times
    }

    /// The value below which `part` (0 to 1) of the values lie, interpolated within its bucket; nil without values.
    func quantile(_ part: Double) -> Double? {
        let total = count
        guard total > 0 else { return nil }
        let rank = part * Double(total)
        var below = 0.0
        for (bucket, inside) in counts.enumerated() where inside > 0 {
            if below + Double(inside) >= rank {
                guard bucket < bounds.count else { return bounds.last }
                let low = bucket == 0 ? 0 : bounds[bucket - 1]
                return low + (bounds[bucket] - low) * (rank - below) / Double(inside)
            }
            below += Double(inside)
        }
        return bounds.last
    }

    /// From 100 µs to a minute: commit seen to value stored.
    static let latency = Histogram(bounds: [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
    ])
    /// From a second to a week: how old values are.
    static let valueAge = Histogram(bounds: [1, 10, 60, 300, 900, 3_600, 14_400, 86_400, 604_800])
    /// Keys a batch.
    static let batchSize = Histogram(bounds: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024])
}
