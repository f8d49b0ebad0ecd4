/// How right the values of one region were found to be.
public struct SampleRecord: Sendable, Equatable {
    /// What became of a sample.
    public enum Result: String, Sendable, CaseIterable {
        /// The value was as its query says.
        case right
        /// It was not, and became so by itself, or was about to.
        case late
        /// It was not, and stayed so.
        case wrong
    }

    /// How many of the last samples the share is of.
    public static let span = 1_000

    private var counts: [UInt64] = [0, 0, 0]
    /// Whether each of the last samples was right, the oldest at `oldest` once there are so many.
    private var last: [Bool] = []
    private var oldest = 0
    private var rightOfLast = 0

    /// No samples.
    public init() {}

    /// How many samples came out so, since the start.
    public func count(_ result: Result) -> UInt64 { counts[Self.place(result)] }

    /// How many samples the share is of.
    public var samples: Int { last.count }

    /// The share of right answers among the last samples; nil before the first.
    public var rightShare: Double? { last.isEmpty ? nil : Double(rightOfLast) / Double(last.count) }

    /// The share in nines: 2 is 99 %, 3 is 99.9 %; no more than so many samples can tell.
    public var nines: Int {
        var (nines, bound) = (0, (last.count - rightOfLast) * 10)
        if rightOfLast == last.count { bound = 10 }
        while !last.isEmpty, bound <= last.count {
            nines += 1
            bound *= 10
        }
        return nines
    }

    /// Takes a sample in.
    public mutating func add(_ result: Result) {
        counts[Self.place(result)] += 1
        let isRight = result == .right
        if isRight { rightOfLast += 1 }
        guard last.count == Self.span else { return last.append(isRight) }
        if last[oldest] { rightOfLast -= 1 }
        last[oldest] = isRight
        oldest = (oldest + 1) % Self.span
    }

    private static func place(_ result: Result) -> Int {
        switch result {
        case .right: 0
        case .late: 1
        case .wrong: 2
        }
    }
}
