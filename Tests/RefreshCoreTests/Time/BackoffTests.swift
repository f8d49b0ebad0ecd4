import RefreshCore
import Testing

@Suite struct BackoffTests {
    private static let randoms: [UInt64] = [0, 1, 12_345, .max / 2, .max - 1, .max]

    @Test(arguments: [Int.min, -1, 0, 1, 2, 3, 7, 40, 41, 64, 1_000_000, .max])
    func aPauseLiesBetweenHalfAndTheWholeAndUnderTheCap(attempt: Int) {
        let (first, cap) = (Moment.Span.milliseconds(100), Moment.Span.seconds(60))
        let doublings = min(max(attempt, 1) - 1, 20)
        let whole = min(first.nanoseconds << Int64(doublings), cap.nanoseconds)
        for random in Self.randoms {
            let pause = Backoff.pause(attempt: attempt, first: first, cap: cap, random: random).nanoseconds
            #expect(pause >= whole / 2 && pause <= whole, "attempt \(attempt), random \(random)")
        }
    }

    @Test func theShortestAndTheLongestPauseOccur() {
        func pause(_ random: UInt64) -> Int64 {
            Backoff.pause(
                attempt: 2, first: .init(nanoseconds: 5), cap: .seconds(1), random: random
            ).nanoseconds
        }
        #expect(Set((0..<12).map { pause($0) }) == [5, 6, 7, 8, 9, 10])
    }

    @Test func pausesNeverShrinkUpToTheCap() {
        for random in Self.randoms {
            var before = Int64(0)
            for attempt in 0..<80 {
                // The same share of each span: the draw is from as many values as the span is long.
                let span = Backoff.pause(attempt: attempt, first: .milliseconds(1), cap: .seconds(8), random: 0)
                #expect(span.nanoseconds >= before, "attempt \(attempt), random \(random)")
                before = span.nanoseconds
            }
            #expect(before == Moment.Span.seconds(4).nanoseconds)
        }
    }

    @Test(arguments: [(0, 0), (0, 5), (5, 0), (-5, 5), (5, -5), (Int64.max, Int64.max), (.max, 1), (.min, .min)])
    func oddSpansMakeNoOddPauses(first: Int64, cap: Int64) {
        for attempt in [0, 1, 2, 50, .max] {
            for random in Self.randoms {
                let pause = Backoff.pause(
                    attempt: attempt, first: .init(nanoseconds: first), cap: .init(nanoseconds: cap), random: random)
                #expect(pause.nanoseconds >= 0 && pause.nanoseconds <= max(cap, 0))
            }
        }
    }

    @Test func attemptsCountUntilOneSucceeds() {
        var backoff = Backoff(first: .seconds(1), cap: .seconds(60))
        for attempt in 1...10 {
            let pause = backoff.next(random: 0)
            #expect(pause.nanoseconds == min(1_000_000_000 << Int64(attempt - 1), 60_000_000_000) / 2)
            #expect(backoff.attempts == attempt)
        }
        backoff.reset()
        #expect(backoff.attempts == 0)
        check(backoff.next(random: 0) == .milliseconds(500))
    }
}
