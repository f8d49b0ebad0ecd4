import Testing

@testable import torture

@Suite("the honesty check rejects green health over a stale key") struct HonestyCheckTests {
    private let lists = [100_001: [7, 8, 9]]
    private let appends: [Int: Ledger.Append] = [
        7: .init(begin: 0, committed: 1), 8: .init(begin: 1, committed: 2), 9: .init(begin: 2, committed: nil),
    ]

    private func found(length: Int, from: Double, until: Double, _ health: [[HealthWatch.Answer]]) -> [Guarantee] {
        HonestyCheck.violations(
            spans: [.init(key: "list:100001", length: length, from: from, until: until)], lists: lists,
            appends: appends, health: health, bound: 10
        ).map(\.guarantee)
    }

    private func answers(_ status: Int?) -> [HealthWatch.Answer] {
        stride(from: 0.0, to: 30, by: 0.5).map { .init(time: $0, status: status) }
    }

    @Test("a number that is missing for longer than the bound while health is green breaks G7")
    func stale() {
        #expect(found(length: 1, from: 2, until: 14, [answers(200)]) == [.honest])
        #expect(found(length: 1, from: 2, until: 14, [answers(200), answers(nil)]) == [.honest])
    }

    @Test("within the bound, with red health, or without knowing of the commit, it does not")
    func honest() {
        #expect(found(length: 1, from: 2, until: 11.5, [answers(200)]).isEmpty)
        #expect(found(length: 1, from: 2, until: 14, [answers(503)]).isEmpty)
        #expect(found(length: 1, from: 2, until: 14, [answers(200), answers(503)]).isEmpty)
        #expect(found(length: 2, from: 2, until: 20, [answers(200)]).isEmpty)
        #expect(found(length: 3, from: 2, until: 20, [answers(200)]).isEmpty)
    }
}
