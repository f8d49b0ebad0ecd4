import ArgumentParser
import Glibc
import Logging
import RefreshService
import Systemd

/// `rekindle serve`: the daemon.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the daemon in the foreground.",
        discussion: """
            Logs to the journal when systemd started it, else to standard error. SIGTERM and SIGINT drain and end it, \
            a second one at once; SIGHUP reloads the configuration.
            """)

    @OptionGroup var file: ConfigurationFile

    func run() throws {
        let destination = LogDestination.choose()
        let logger = Logger(label: "rekindle") { destination.handler(identifier: $0) }
        let start: DaemonStart
        do throws(ConfigurationError) {
            start = try DaemonStart(path: file.config, environment: .current, logger: logger)
        } catch {
            for fault in error.faults { logger.critical("\(fault)") }
            throw ExitCode(EX_CONFIG)
        }
        throw ExitCode(start.run())
    }
}
