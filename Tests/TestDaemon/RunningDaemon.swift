package import Glibc
package import RefreshService

/// A built daemon that runs as a process with a configuration of its own.
package final class RunningDaemon: Sendable {
    /// How a daemon is started.
    package struct Options: Sendable {
        /// Added to the environment, or, with an empty value, taken out of it.
        package var environment: [String: String] = [:]
        /// What executes the daemon in its place, such as `["prlimit", "--as=…"]`.
        package var launcher: [String] = []
        /// The program and its arguments before `--config`.
        package var program = [Products.rekindle, "serve"]

        /// The plain daemon, unless said otherwise.
        package init(
            environment: [String: String] = [:], launcher: [String] = [],
            program: [String] = [Products.rekindle, "serve"]
        ) {
            self.environment = environment
            self.launcher = launcher
            self.program = program
        }
    }

    /// Holds its configuration, socket and log.
    package let folder: String
    /// Its process.
    package let process: Program
    private let postgresURL: String
    private let redisURL: String

    /// Writes the configuration and starts the daemon; does not wait for it.
    package init(
        _ configuration: DaemonConfiguration, postgresURL: String, redisURL: String, folder: String,
        _ options: Options = Options()
    ) throws {
        self.folder = folder
        self.postgresURL = postgresURL
        self.redisURL = redisURL
        mkdir(folder, 0o755)
        try Files.write(
            configuration.text(postgresURL: postgresURL, redisURL: redisURL, socket: "\(folder)/rekindle.sock"),
            to: "\(folder)/rekindle.toml")
        var variables = Self.environment
        for (name, value) in options.environment { variables[name] = value.isEmpty ? nil : value }
        process = try Program(
            options.launcher + options.program + ["--config", "\(folder)/rekindle.toml"],
            .init(environment: variables, output: "\(folder)/output", error: "\(folder)/log"))
    }

    /// The configuration file.
    package var configurationPath: String { "\(folder)/rekindle.toml" }
    /// The health socket.
    package var socketPath: String { "\(folder)/rekindle.sock" }
    /// Its process id.
    package var id: pid_t { process.id }

    /// What it has written to standard error.
    package var log: String { Files.read("\(folder)/log") }

    /// Puts another configuration in place; SIGHUP takes it up.
    package func configure(_ configuration: DaemonConfiguration) throws {
        try Files.write(
            configuration.text(postgresURL: postgresURL, redisURL: redisURL, socket: socketPath),
            to: configurationPath)
    }

    /// Puts another configuration in place and waits until it is in force.
    package func reload(_ configuration: DaemonConfiguration, file: String = #fileID, line: Int = #line) throws {
        try configure(configuration)
        let before = try metric("rekindle_reloads_total", "result=\"applied\"")
        signal(SIGHUP)
        try eventually(file: file, line: line) {
            try metric("rekindle_reloads_total", "result=\"applied\"") > before && status()["state"] == "ready"
        }
    }

    /// Sends it a signal.
    package func signal(_ number: Int32) { process.signal(number) }

    /// Ends it at once.
    package func kill() { process.kill() }

    /// Waits until it has ended.
    package func waitForExit(within limit: Duration = .seconds(10), file: String = #fileID, line: Int = #line) throws
        -> Exit
    {
        guard let exit = process.waitForExit(within: limit) else {
            throw Trouble("\(file):\(line): the daemon has not ended within \(limit).\n\(log)")
        }
        return exit
    }

    /// Waits until `/readyz` says 200.
    package func waitUntilReady(within limit: Duration = .seconds(20), file: String = #fileID, line: Int = #line)
        throws
    {
        try eventually(within: limit, file: file, line: line) {
            if let exit = process.exit { throw Trouble("The daemon has ended: \(exit).\n\(log)") }
            return readiness
        } where: {
            $0 == 200
        }
    }

    /// The status of `/readyz`; nil while nobody answers.
    package var readiness: Int? { try? HealthClient(path: socketPath).get("/readyz").status }

    /// The text of an endpoint.
    package func get(_ target: String) throws -> String {
        do {
            return String(decoding: try HealthClient(path: socketPath).get(target).body, as: UTF8.self)
        } catch {
            throw Trouble("\(target): \(error)\n\(log)")
        }
    }

    /// The answer to a request for something to be done.
    package func post(_ target: String) throws -> HealthReply {
        do {
            return try HealthClient(path: socketPath, timeout: .seconds(30)).ask("POST", target)
        } catch {
            throw Trouble("\(target): \(error)\n\(log)")
        }
    }

    /// The answer to a reader, its status and its text.
    package func read(_ target: String) throws -> (status: Int, text: String) {
        do {
            let reply = try HealthClient(path: socketPath, timeout: .seconds(30)).get(target)
            return (reply.status, String(decoding: reply.body, as: UTF8.self))
        } catch {
            throw Trouble("\(target): \(error)\n\(log)")
        }
    }

    /// The document of `/status`.
    package func status() throws -> Document { try Document(get("/status")) }

    /// The sum of a metric's samples, those that have all of the labels, such as `region="items"`.
    package func metric(_ name: String, _ labels: String...) throws -> Double {
        var sum = 0.0
        for line in try get("/metrics").split(separator: "\n") {
            guard line.hasPrefix(name), let space = line.lastIndex(of: " "),
                line.dropFirst(name.count).first.map({ $0 == " " || $0 == "{" }) == true,
                labels.allSatisfy({ line[..<space].contains($0) })
            else { continue }
            sum += Double(line[line.index(after: space)...]) ?? .nan
        }
        return sum
    }

    /// As `eventually`, with the daemon's log in what is thrown.
    package func eventually<Value: Equatable>(
        _ expected: Value, within limit: Duration = .seconds(10), file: String = #fileID, line: Int = #line,
        _ value: () throws -> Value
    ) throws {
        try TestDaemon.eventually(expected, within: limit, log: { log }, file: file, line: line, value)
    }

    /// As `eventually`, with the daemon's log in what is thrown.
    @discardableResult
    package func eventually<Value>(
        within limit: Duration = .seconds(10), file: String = #fileID, line: Int = #line,
        _ value: () throws -> Value, where isExpected: (Value) -> Bool
    ) throws -> Value {
        try TestDaemon.eventually(within: limit, log: { log }, file: file, line: line, value, where: isExpected)
    }

    /// As `eventually`, with the daemon's log in what is thrown.
    package func eventually(
        within limit: Duration = .seconds(10), file: String = #fileID, line: Int = #line,
        _ condition: () throws -> Bool
    ) throws {
        try TestDaemon.eventually(within: limit, log: { log }, file: file, line: line, condition) { $0 }
    }

    /// The tests' environment without what a service manager would set, and without the backtracer, which is slow.
    private static var environment: [String: String] {
        var variables = Environment.current
        for name in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "JOURNAL_STREAM"] {
            variables[name] = nil
        }
        variables["SWIFT_BACKTRACE"] = "enable=no"
        return variables
    }
}
