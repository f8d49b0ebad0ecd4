import ArgumentParser
import Glibc
import RefreshService

/// `rekindle status`: what a running daemon says of itself.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a running daemon is doing, and what is wrong.",
        discussion: """
            Asks the daemon's Unix socket, which --config or --socket names. Ends with 0 when the daemon is healthy, \
            with 1 when something is wrong, and with 69 (EX_UNAVAILABLE) when no daemon answers.
            """)

    @OptionGroup var file: ConfigurationFile

    @Option(help: "The daemon's socket; otherwise the configuration names it.")
    var socket: String?

    @Flag(help: "Print the daemon's JSON as it is.")
    var json = false

    func run() throws {
        let reply: HealthReply
        do throws(HealthError) {
            reply = try HealthClient(path: file.socket(socket)).get("/status")
        } catch {
            standardError("rekindle: \(error)")
            throw ExitCode(EX_UNAVAILABLE)
        }
        guard reply.status == 200, let status = JSONDocument(reply.body) else {
            standardError("rekindle: \(String(decoding: reply.body, as: UTF8.self))")
            throw ExitCode(1)
        }
        if json {
            standardOutput(String(decoding: reply.body, as: UTF8.self).trimmingNewline)
        } else {
            for line in StatusText(status).lines { standardOutput(line) }
        }
        if status["healthy"] != "true" { throw ExitCode(1) }
    }
}

extension String {
    fileprivate var trimmingNewline: String { hasSuffix("\n") ? String(dropLast()) : self }
}
