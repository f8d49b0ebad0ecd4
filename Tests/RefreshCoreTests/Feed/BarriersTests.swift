import RefreshCore
import Testing

@Suite struct BarriersTests {
    @Test func whoAsksWhileANonceIsUnderWayWaitsForTheNext() {
        var barriers = Barriers()
        check(barriers.next() == nil)
        barriers.ask(1)
        barriers.ask(2)
        check(barriers.next() == 1)
        barriers.ask(3)
        check(barriers.next() == nil, "one at a time")
        check(barriers.heard(1) == [1, 2])
        check(barriers.heard(1) == [])
        check(barriers.next() == 2)
        check(barriers.heard(2) == [3])
        check(barriers.next() == nil)
    }

    @Test func aLostNonceIsSentAgainForAll() {
        var barriers = Barriers()
        barriers.ask(1)
        check(barriers.next() == 1)
        barriers.ask(2)
        barriers.lost()
        check(barriers.next() == 2)
        check(barriers.heard(1) == [], "the lost one may come late: it says nothing of who asked after it")
        check(barriers.heard(2) == [1, 2])
    }

    @Test func whoHangsUpIsForgotten() {
        var barriers = Barriers()
        barriers.ask(1)
        barriers.ask(2)
        barriers.forget(1)
        check(barriers.next() == 1)
        barriers.forget(2)
        check(barriers.heard(1) == [])
    }
}
