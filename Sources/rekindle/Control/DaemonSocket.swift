import ArgumentParser
import Glibc
import RefreshService

/// The options that say which daemon is meant, and what is asked of it.
struct DaemonSocket: ParsableArguments {
    @OptionGroup var file: ConfigurationFile

    @Option(help: "The daemon's socket; otherwise the configuration names it.")
    var socket: String?

    /// The socket's path.
    var path: String {
        if let socket { return socket }
        // A configuration that can not be read says nothing of the daemon, which may run by a former one.
        return (try? Configuration.load(path: file.config, environment: .current).health.socket)
            ?? "/run/rekindle/rekindle.sock"
    }

    /// Asks the daemon; ends the program with EX_UNAVAILABLE when none answers.
    func ask(_ method: String, _ target: String, timeout: Duration = .seconds(5)) throws -> HealthReply {
        do throws(HealthError) {
            return try HealthClient(path: path, timeout: timeout).ask(method, target)
        } catch {
            throw Self.unavailable(error)
        }
    }

    /// Says why no daemon answered.
    static func unavailable(_ error: HealthError) -> ExitCode {
        standardError("rekindle: \(error)")
        return ExitCode(EX_UNAVAILABLE)
    }
}

/// How long the daemon may take.
struct Patience: ParsableArguments {
    @Option(help: "How long to wait, such as 500ms, 30s or 5m; at most 1h.")
    var timeout = "30s"

    /// A client's limit, beyond the daemon's own of an hour at most.
    static let longest = Duration.seconds(3_620)
}
