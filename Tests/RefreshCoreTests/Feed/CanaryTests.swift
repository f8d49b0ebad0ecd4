import RefreshCore
import Testing

@Suite struct CanaryTests {
    private var canary = Canary(instance: 7, at: .zero)
    private let patience = Moment.Span.seconds(1)

    @Test mutating func aNonceThatComesBackProvesTheFeed() {
        canary.listening(at: .zero)
        let nonce = canary.next(at: .second(1))
        canary.taken(nonce, at: .second(1))
        #expect(!canary.isProven)
        check(canary.heard(nonce, at: .second(2)))
        #expect(canary.isProven && canary.completeUntil == .second(1))
        #expect(canary.silence(at: .second(60), patience: patience) == nil)
        check(!canary.heard(canary.next(at: .second(3)), at: .second(3)), "it was proven before")
    }

    @Test mutating func aNonceThatWasTakenAndDoesNotComeIsSilence() {
        canary.listening(at: .zero)
        canary.taken(canary.next(at: .second(1)), at: .second(2))
        #expect(canary.silence(at: .second(2), patience: patience) == nil)
        #expect(canary.silence(at: .second(3), patience: patience) == .second(2))
        canary.word(at: .second(3))
        #expect(canary.silence(at: .second(3), patience: patience) == nil, "notifications come, if slowly")
        #expect(canary.silence(at: .second(4), patience: patience) == .second(3))
    }

    @Test mutating func aNonceThatTheServerDoesNotAnswerIsWaitedFor() {
        #expect(canary.unanswered(at: .zero) == nil)
        let nonce = canary.next(at: .second(1))
        #expect(canary.unanswered(at: .second(3)) == .seconds(2))
        canary.taken(nonce, at: .second(3))
        #expect(canary.unanswered(at: .second(4)) == nil)
        _ = canary.next(at: .second(5))
        canary.unsent()
        #expect(canary.unanswered(at: .second(6)) == nil)
    }

    @Test mutating func aNonceMayBeHeardBeforeItsSenderHasAnAnswer() {
        canary.listening(at: .zero)
        let nonce = canary.next(at: .second(1))
        check(canary.heard(nonce, at: .second(8)))
        #expect(canary.completeUntil == .second(1), "what came after it was given out may be missing yet")
        canary.taken(nonce, at: .second(8))
        #expect(canary.silence(at: .second(9), patience: patience) == nil)
    }

    @Test mutating func aNonceOfBeforeTheConnectionNeedNotCome() {
        canary.taken(canary.next(at: .second(1)), at: .second(1))
        canary.listening(at: .second(2))
        #expect(canary.silence(at: .second(9), patience: patience) == nil)
        canary.taken(canary.next(at: .second(3)), at: .second(3))
        canary.deaf()
        #expect(canary.silence(at: .second(9), patience: patience) == nil)
        check(!canary.heard(Nonce(instance: 7, number: 2), at: .second(9)), "nobody listens")
    }

    @Test mutating func strangersNoncesProveNothing() {
        canary.listening(at: .zero)
        let nonce = canary.next(at: .zero)
        canary.taken(nonce, at: .zero)
        check(!canary.heard(Nonce(instance: 8, number: 1), at: .zero))
        check(!canary.heard(Nonce(instance: 7, number: 99), at: .zero), "a number that was never given out")
        #expect(!canary.isProven)
    }

    @Test mutating func theAgeIsThatOfTheFirstNonceThatHasNotComeTheWholeWay() {
        let first = canary.next(at: .second(1))
        _ = canary.next(at: .second(2))
        #expect(canary.age(at: .second(4)) == .seconds(3) && canary.lastTrip == nil)
        canary.stored(first.number, at: .second(5))
        #expect(canary.age(at: .second(5)) == .seconds(3) && canary.lastTrip == .seconds(4))
        canary.stored(2, at: .second(6))
        #expect(canary.age(at: .second(60)) == .seconds(0))
    }

    @Test(arguments: ["", "7", "7 8 9", "7 x", "-1 2", "7  8", "18446744073709551616 1"])
    func whatIsNoNonceIsNone(text: String) { #expect(Nonce(text) == nil) }

    @Test func aNonceIsReadAsItWasWritten() {
        let nonce = Nonce(instance: .max, number: 12)
        #expect(Nonce(nonce.text) == nonce)
    }
}

@Suite struct FeedFaultTests {
    @Test func theAnswerOfTheListeningSessionTellsWhatIsWrong() {
        #expect(FeedFault(greeted: 10, answer: nil) == .halfOpen)
        #expect(FeedFault(greeted: 10, answer: (11, 3)) == .pooler)
        #expect(FeedFault(greeted: 10, answer: (11, 0)) == .pooler)
        #expect(FeedFault(greeted: 10, answer: (10, 0)) == .forgotten)
        #expect(FeedFault(greeted: 10, answer: (10, 3)) == .stuck)
        #expect(FeedFault.pooler.text.contains("pooler") && FeedFault.halfOpen.text.contains("half open"))
    }
}
