import Testing

@testable import torture

@Suite("the convergence check rejects what differs") struct ConvergenceCheckTests {
    private let expected: [String: ConvergenceCheck.Expected] = [
        "list:1": .init(value: Array("a".utf8), isRequired: true),
        "brief:1": .init(value: Array("b".utf8), isRequired: false),
        "owned:1": .init(value: Array("c".utf8), isRequired: true),
    ]

    private func differing(_ found: [String: String]) -> [String] {
        ConvergenceCheck.differences(expected: expected, found: found.mapValues { Array($0.utf8) }).map(\.key)
    }

    @Test("what is equal passes, with an optional key or without")
    func equal() {
        #expect(differing(["list:1": "a", "brief:1": "b", "owned:1": "{\"ct\": 1.5, \"v\": 2}|c"]).isEmpty)
        #expect(differing(["list:1": "a", "owned:1": "{\"ct\": 1.5, \"v\": 2}|c"]).isEmpty)
    }

    @Test("absent, different and surplus keys are found")
    func different() {
        #expect(differing(["owned:1": "{}|c"]) == ["list:1"])
        #expect(differing(["list:1": "A", "owned:1": "{}|C", "brief:1": "B"]) == ["brief:1", "list:1", "owned:1"])
        #expect(differing(["list:1": "a", "owned:1": "{}|c", "list:2": "x"]) == ["list:2"])
    }
}
