import RefreshCore
import Testing

@Suite struct GapLogTests {
    @Test func aGapIsOpenUntilEveryRegionIsRightAgain() {
        var log = GapLog()
        #expect(!log.isOpen)
        log.opened(.listener, at: .second(1))
        log.opened(.listener, at: .second(2))
        check(log.repaired(at: .second(3)).isEmpty, "events are not complete yet")
        log.closed(.redis, at: .second(3))
        log.closed(.listener, at: .second(4))
        log.repairing(keys: 5)
        log.repairing(keys: 2)
        #expect(log.isOpen)
        let answered = log.repaired(at: .second(6))
        #expect(answered.count == 1)
        #expect(answered.first?.from == .second(1) && answered.first?.until == .second(4))
        #expect(answered.first?.repaired == .second(6) && answered.first?.keys == 7)
        #expect(!log.isOpen && log.counts == [.listener: 1])
        log.repairing(keys: 9)
        #expect(log.gaps.first?.keys == 7)
        check(log.repaired(at: .second(7)).isEmpty)
    }

    @Test func onlyTheLatestAreKept() {
        var log = GapLog()
        for second in 0..<50 {
            log.opened(.redis, at: .second(Int64(second)))
            log.closed(.redis, at: .second(Int64(second)))
            check(log.repaired(at: .second(Int64(second))).count == 1)
        }
        #expect(log.gaps.count == 20)
        #expect(log.gaps.first?.from == .second(30) && log.gaps.last?.from == .second(49))
        #expect(log.counts == [.redis: 50])
    }

    @Test func aGapThatIsNotAnsweredIsNeverForgotten() {
        var log = GapLog()
        log.opened(.listener, at: .zero)
        for second in 1..<100 {
            log.opened(.overflow, at: .second(Int64(second)))
            log.closed(.overflow, at: .second(Int64(second)))
        }
        #expect(log.gaps.count <= 20)
        #expect(log.counts == [.listener: 1, .overflow: 99])
        log.closed(.listener, at: .second(100))
        let answered = log.repaired(at: .second(101))
        #expect(Set(answered.map(\.cause)) == [.listener, .overflow])
        #expect(answered.first { $0.cause == .overflow }?.until == .second(99))
        #expect(!log.isOpen)
    }

    @Test func unansweredOnesStayWhileOthersComeAndGo() {
        var log = GapLog()
        log.opened(.listener, at: .zero)
        for second in 1..<100 {
            log.opened(.overflow, at: .second(Int64(second)))
            log.closed(.overflow, at: .second(Int64(second)))
            _ = log.repaired(at: .second(Int64(second)))
        }
        #expect(log.gaps.count == 20 && log.isOpen)
        #expect(log.gaps.first?.cause == .listener)
    }
}
