/// Decides G7: while a key is out of date for longer than the bound, health must not be green.
enum HonestyCheck {
    /// What is known of one list: its numbers in their order, as the database has them in the end.
    typealias Lists = [Int: [Int]]

    /// The first moment at which a reader saw a list lack a number that was committed more than `bound` seconds
    /// before, while every daemon that answered said that all is well.
    ///
    /// - Parameters:
    ///   - spans: from when until when readers saw how many numbers.
    ///   - appends: when each number was known to be committed.
    ///   - health: the answers of each daemon, oldest first.
    static func violations(
        spans: [KeyReader.Span], lists: Lists, appends: [Int: Ledger.Append], health: [[HealthWatch.Answer]],
        bound: Double
    ) -> [Violation] {
        for span in spans {
            guard let (number, committed) = firstMissing(span, lists, appends), span.until > committed + bound else {
                continue
            }
            let stale = max(span.from, committed + bound)...span.until
            guard let green = greenMoment(in: stale, health) else { continue }
            return [
                Violation(
                    guarantee: .honest, what: "A key was out of date for longer than the bound while health was green.",
                    history: [
                        "\(RunClock.text(committed)) s, a writer: number \(number) is committed",
                        "\(RunClock.text(green)) s, /healthz: 200",
                        "\(RunClock.text(span.until)) s, a reader: \(span.key) still has \(span.length) numbers",
                    ])
            ]
        }
        return []
    }

    /// The longest that a list lacked a committed number while health was green, in seconds.
    static func worst(
        spans: [KeyReader.Span], lists: Lists, appends: [Int: Ledger.Append], health: [[HealthWatch.Answer]]
    ) -> Double {
        var worst = 0.0
        for span in spans {
            guard let (_, committed) = firstMissing(span, lists, appends), span.until - committed > worst else {
                continue
            }
            if let green = greenMoment(in: max(span.from, committed + worst)...span.until, health) {
                worst = max(worst, green - committed)
            }
        }
        return worst
    }

    private static func firstMissing(
        _ span: KeyReader.Span, _ lists: Lists, _ appends: [Int: Ledger.Append]
    ) -> (number: Int, committed: Double)? {
        guard let colon = span.key.firstIndex(of: ":"), let id = Int(span.key[span.key.index(after: colon)...]),
            let numbers = lists[id], span.length < numbers.count,
            let committed = appends[numbers[span.length]]?.committed
        else { return nil }
        return (numbers[span.length], committed)
    }

    /// The last moment of the range at which every daemon that answered said 200, and one did.
    private static func greenMoment(in range: ClosedRange<Double>, _ health: [[HealthWatch.Answer]]) -> Double? {
        guard let first = health.first else { return nil }
        for place in stride(from: firstIndex(after: range.upperBound, first) - 1, through: 0, by: -1) {
            let answer = first[place]
            if answer.time < range.lowerBound { return nil }
            let states = health.compactMap { answers -> Int? in
                let index = firstIndex(after: answer.time, answers) - 1
                return index >= 0 ? answers[index].status : nil
            }
            if !states.isEmpty, states.allSatisfy({ $0 == 200 }) { return answer.time }
        }
        return nil
    }

    private static func firstIndex(after time: Double, _ answers: [HealthWatch.Answer]) -> Int {
        var (low, high) = (0, answers.count)
        while low < high {
            let middle = (low + high) / 2
            if answers[middle].time <= time { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
