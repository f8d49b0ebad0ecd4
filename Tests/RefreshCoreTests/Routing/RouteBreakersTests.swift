import RefreshCore
import Testing

@Suite struct RouteBreakersTests {
    private let log = Route.Target.stream("log", maxlen: nil)
    private var breakers = RouteBreakers()

    @Test mutating func aTargetThatRefusesRestsAndIsTriedAgain() {
        for attempt in 1...4 { check(!breakers.refused(log, because: "WRONGTYPE", at: .second(Int64(attempt)))) }
        check(breakers.admits(log, at: .second(4)), "it is given some chances")
        check(breakers.refused(log, because: "WRONGTYPE", at: .second(5)), "now it rests")
        check(!breakers.admits(log, at: .second(5)))
        check(breakers.admits(.channel("other"), at: .second(5)))
        check(breakers.admits(log, at: .second(6)), "one tries")
        check(!breakers.admits(log, at: .second(6)), "and one only")
        check(!breakers.refused(log, because: "WRONGTYPE", at: .second(6)), "it goes on resting, longer")
        #expect(breakers.troubles[log]?.failures == 6 && breakers.troubles[log]?.since == .second(1))
        #expect(breakers.skipped == 2 && breakers.troubles[log]?.skipped == 2)
    }

    @Test mutating func oneThatTakesAMessageIsWell() {
        for _ in 0..<9 { _ = breakers.refused(log, because: "NOPERM", at: .zero) }
        check(!breakers.admits(log, at: .zero))
        breakers.took(log)
        check(breakers.admits(log, at: .zero) && breakers.troubles.isEmpty)
    }

    @Test mutating func aRestIsNeverLongerThanAMinute() {
        for attempt in 0..<100 {
            let now = Moment.second(Int64(attempt) * 60)
            check(breakers.admits(log, at: now))
            _ = breakers.refused(log, because: "NOPERM", at: now)
        }
    }

    @Test mutating func aBurstThatWasOnItsWayIsOneFailure() {
        for _ in 0..<100 { _ = breakers.refused(log, because: "NOPERM", at: .zero) }
        #expect(breakers.troubles[log]?.failures == 100)
        check(breakers.admits(log, at: .second(1)), "the rest is the first, of a second at most")
    }

    @Test mutating func targetsThatAreGoneAreForgotten() {
        _ = breakers.refused(log, because: "NOPERM", at: .zero)
        breakers.keep([.channel("log")])
        #expect(breakers.troubles.isEmpty)
    }
}
