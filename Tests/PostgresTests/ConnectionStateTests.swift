import Testing

@testable import Postgres

@Suite struct ConnectionStateTests {
    /// What a state does with each result of a list, up to and with the state that it ends in.
    private func actions(_ state: ConnectionState, _ kinds: [ResultKind]) -> ([ConnectionState.Action], ConnectionState)
    {
        var state = state
        let actions = kinds.map { state.receive($0) }
        return (actions, state)
    }

    @Test func aRequestKeepsItsLastResult() {
        let (actions, end) = actions(.waiting, [.complete, .complete, .end])
        #expect(actions == [.keep, .keep, .finish])
        #expect(end == .answered)
    }

    @Test func aStreamDeliversRowsAndDropsItsEnd() {
        let (whole, end) = actions(.streaming, [.row, .row, .complete, .end])
        #expect(whole == [.deliver, .deliver, .drop, .finish])
        #expect(end == .idle)
        let (broken, after) = actions(.streaming, [.row, .error, .end])
        #expect(broken == [.deliver, .keep, .finish])
        #expect(after == .idle)
    }

    @Test func aPipelineDeliversEachAnswerAndCountsItsSyncs() {
        let kinds: [ResultKind] = [.complete, .end, .sync, .error, .end, .end, .sync]
        let (actions, end) = actions(.pipeline(left: 2, ends: 0), kinds)
        #expect(actions == [.deliver, .drop, .drop, .deliver, .drop, .drop, .finish])
        #expect(end == .idle)
    }

    @Test func aQueueKeepsEachAnswerUntilItsSync() throws {
        var state = ConnectionState.idle
        try state.enqueue()
        try state.enqueue()
        let kinds: [ResultKind] = [.complete, .end, .sync, .end]
        #expect(kinds.map { state.receive($0) } == [.keep, .drop, .answer, .drop])
        try state.enqueue()
        #expect(state == .queue(left: 2, ends: 1))
        let (actions, end) = actions(state, [.error, .end, .sync, .complete, .end, .end, .sync])
        #expect(actions == [.keep, .drop, .answer, .keep, .drop, .drop, .answer])
        #expect(end == .idle)
    }

    @Test func endlessEndsAreAViolation() {
        let (actions, _) = actions(.pipeline(left: 1, ends: 0), [.end, .end, .end])
        guard case .violation = actions[2] else {
            Issue.record("\(actions)")
            return
        }
    }

    @Test func whatFitsNoRequestIsAViolation() {
        let cases: [(ConnectionState, ResultKind)] = [
            (.idle, .complete), (.idle, .end), (.answered, .complete), (.waiting, .row), (.waiting, .copy),
            (.waiting, .sync), (.streaming, .copy), (.streaming, .sync), (.pipeline(left: 1, ends: 0), .row),
            (.pipeline(left: 1, ends: 0), .copy), (.closed(.closed), .complete),
            (.queue(left: 1, ends: 0), .row),
        ]
        for (state, kind) in cases {
            var state = state
            let before = state
            guard case .violation = state.receive(kind) else {
                Issue.record("\(before) took \(kind)")
                continue
            }
            #expect(state == before)
        }
    }

    @Test func onlyAnIdleConnectionBegins() {
        let busy: [ConnectionState] = [.waiting, .answered, .streaming, .pipeline(left: 1, ends: 0)]
        for state in busy {
            var state = state
            let error = #expect(throws: PostgresError.self) { try state.begin(.waiting) }
            #expect(error?.code == .misuse)
        }
        var closed = ConnectionState.closed(.closed)
        let error = #expect(throws: PostgresError.self) { try closed.begin(.waiting) }
        #expect(error == .closed)
        var idle = ConnectionState.idle
        #expect(throws: Never.self) { try idle.begin(.streaming) }
        #expect(idle == .streaming)
    }
}
