import ArgumentParser

extension Sabotage: ExpressibleByArgument {}

/// `torture`: real servers, the built daemon, writers and faults by a seed, and a verdict on each guarantee.
@main
struct Torture: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract: "Puts the built daemon under faults and decides from outside whether its guarantees hold.",
        discussion: "Ends with 0 when every guarantee held, with 1 when one did not.")

    @Option(help: "How long faults go on, in seconds; the last round is finished.")
    var seconds = 60.0

    @Option(help: "Which schedule and which writes; a random one when it is left out.")
    var seed: UInt64 = .random(in: 1...999_999)

    @Option(help: "A mechanism that the daemon turns off, so that the run must find a violation.")
    var sabotage: Sabotage?

    @Option(help: "Only faults of these rows of the matrix, such as D9,R12.")
    var rows: String?

    func run() throws {
        say("torture: seed \(seed), \(Int(seconds)) s" + (sabotage.map { ", sabotaged: \($0.rawValue)" } ?? ""))
        let plan = Run.Plan(
            seconds: seconds, seed: seed, sabotage: sabotage,
            rows: rows.map { $0.split(separator: ",").map(String.init) })
        if let rows = plan.rows, !FaultList.all(daemons: 2).contains(where: { rows.contains($0.row) }) {
            throw ValidationError("No fault has a row of \(rows.joined(separator: ", ")).")
        }
        let report = try Run(plan).carryOut()
        say(report.text(plan))
        if !report.violations.isEmpty { throw ExitCode(1) }
    }
}
