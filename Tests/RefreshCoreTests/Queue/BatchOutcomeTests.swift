import RefreshCore
import Testing

@Suite struct BatchOutcomeTests {
    @Test(arguments: [
        (nil, StatementRemedy.reconnect, false, "interrupted"), ("57P01", .reconnect, false, "interrupted"),
        ("40001", .retry, false, "timedOut"), ("57014", .park, false, "timedOut"), (nil, .reconnect, true, "timedOut"),
        ("0A000", .prepareAgain, false, "broken"), ("28P01", .configuration, false, "broken"),
        ("42P01", .park, false, "broken"), ("42501", .park, false, "broken"), ("0A000", .park, false, "broken"),
        ("25006", .park, false, "broken"), ("22012", .park, false, "failed"), ("22P02", .park, false, "failed"),
        ("P0001", .park, false, "failed"), (nil, .park, false, "failed"),
    ])
    func anErrorMeans(state: String?, remedy: StatementRemedy, hasTimedOut: Bool, expected: String) {
        let outcome = BatchOutcome(
            of: RefreshFault(sqlState: state, text: "t"), remedy: remedy, hasTimedOut: hasTimedOut)
        #expect("\(outcome)".hasPrefix(expected), "\(outcome)")
        #expect(outcome.mayBeOfOneKey == ["failed", "timedOut"].contains(expected))
    }
}
