import TestDaemon
import Testing

@testable import torture

/// Runs of the built program: each takes as long as its faults do, so they come one by one.
@Suite("torture as a whole", .serialized) struct SabotageTests {
    @Test("every sabotage is caught by the guarantee that it breaks", arguments: Sabotage.allCases)
    func caught(sabotage: Sabotage) throws {
        let run = try Command.run(
            [Products.folder + "/torture", "--seconds", "60", "--seed", "1", "--sabotage", sabotage.rawValue],
            within: .seconds(240))
        #expect(run.exit == .code(1), "\(run.output)\n\(run.error)")
        let named = sabotage.breaks.filter { run.output.contains("\($0.rawValue) VIOLATED") }
        #expect(!named.isEmpty, "\(run.output)\n\(run.error)")
    }

    @Test("a whole daemon passes")
    func passes() throws {
        let run = try Command.run(
            [Products.folder + "/torture", "--seconds", "15", "--seed", "2"], within: .seconds(240))
        #expect(run.exit == .code(0), "\(run.output)\n\(run.error)")
        #expect(run.output.contains("G3 held"))
    }
}
