import Glibc
import TestServers

/// A program that was run to its end: the daemon's command line, or a tool.
package struct Command {
    /// How it ended.
    package let exit: Exit
    /// What it wrote to standard output.
    package let output: String
    /// What it wrote to standard error.
    package let error: String

    /// Runs `rekindle` with arguments.
    package static func rekindle(_ arguments: String..., within limit: Duration = .seconds(20)) throws -> Command {
        try run([Products.rekindle] + arguments, within: limit)
    }

    /// Runs a program of `PATH`.
    package static func run(
        _ arguments: [String], input: String = "/dev/null", environment: [String: String]? = nil,
        within limit: Duration = .seconds(20)
    ) throws -> Command {
        guard let scratch = ScratchFolder("rekindle-command") else { throw Trouble("No scratch folder.") }
        defer { scratch.remove() }
        let files = (output: "\(scratch.path)/output", error: "\(scratch.path)/error")
        let program = try Program(
            arguments, .init(environment: environment, input: input, output: files.output, error: files.error))
        let exit = program.waitForExit(within: limit)
        let (output, error) = (Files.read(files.output), Files.read(files.error))
        guard let exit else { throw Trouble("\(arguments) has not ended within \(limit):\n\(output)\n\(error)") }
        return Command(exit: exit, output: output, error: error)
    }
}
