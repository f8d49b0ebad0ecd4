import Testing

@testable import torture

@Suite("the checks of G4 and G6 reject made-up figures") struct FeedAndBoundsTests {
    private func count(
        process: Int32 = 1, gaps: Int = 0, isOpen: Bool = false, received: Int, sent: Int
    ) -> FeedCheck.Count {
        .init(process: process, gaps: gaps, isOpen: isOpen, received: ["a": received], sent: ["a": sent])
    }

    @Test("a notification that is missing without a gap breaks G4")
    func missing() {
        let before = count(received: 5, sent: 7)
        let found = FeedCheck.violations(daemon: 1, from: before, to: count(received: 8, sent: 11))
        #expect(found.map(\.guarantee) == [.nothingLostUnseen])
        #expect(FeedCheck.violations(daemon: 1, from: before, to: count(received: 9, sent: 11)).isEmpty)
    }

    @Test("what is missing within a gap, or while the daemon was started anew, is the resync's to repair")
    func gap() {
        let before = count(received: 5, sent: 5)
        #expect(FeedCheck.violations(daemon: 1, from: before, to: count(gaps: 1, received: 5, sent: 9)).isEmpty)
        #expect(FeedCheck.violations(daemon: 1, from: before, to: count(isOpen: true, received: 5, sent: 9)).isEmpty)
        #expect(FeedCheck.violations(daemon: 1, from: before, to: count(process: 2, received: 0, sent: 9)).isEmpty)
    }

    @Test("a gap that is not reported breaks G4")
    func unreported() {
        let gap = ExpectedGap(cause: "redis", slot: 1, process: 7, before: 2, time: 1, fault: "FLUSHALL")
        #expect(gap.violation(process: 7, count: 2)?.guarantee == .nothingLostUnseen)
        #expect(gap.violation(process: 7, count: 3) == nil)
        #expect(gap.violation(process: 8, count: 0)?.guarantee == .nothingLostUnseen)
        #expect(gap.violation(process: 8, count: 1) == nil)
    }

    @Test("memory and queue above their bounds break G6")
    func bounds() {
        let found = BoundsCheck.violations(daemon: 1, memory: 11, memoryBound: 10, queue: 21, queueBound: 20)
        #expect(found.map(\.guarantee) == [.bounded, .bounded])
        #expect(BoundsCheck.violations(daemon: 1, memory: 10, memoryBound: 10, queue: 20, queueBound: 20).isEmpty)
    }
}
