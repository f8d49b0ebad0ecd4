import Testing

@testable import torture

@Suite("a schedule comes of its seed") struct ScheduleTests {
    private func rounds(_ seed: UInt64) -> [[String]] {
        var schedule = Schedule(seed: seed, faults: FaultList.all(daemons: 2))
        return (0..<40).map { _ in schedule.nextRound().map { "\($0.fault.what) \($0.from) \($0.until)" } }
    }

    @Test("the same seed gives the same schedule, another one another")
    func seeds() {
        #expect(rounds(5) == rounds(5))
        #expect(rounds(5) != rounds(6))
    }

    @Test("at most two faults at once, never two at one place, each healed after it began", arguments: 1...20)
    func conflicts(seed: UInt64) {
        var schedule = Schedule(seed: seed, faults: FaultList.all(daemons: 2))
        for _ in 0..<40 {
            let round = schedule.nextRound()
            #expect(!round.isEmpty)
            for fault in round {
                #expect(fault.from < fault.until)
                let together = round.filter { $0.from <= fault.from && fault.from < $0.until }
                #expect(together.count <= 2)
                #expect(Set(together.map(\.fault.place)).count == together.count)
            }
        }
    }
}
