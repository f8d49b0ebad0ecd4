import Glibc
import RefreshService
import Testing

/// A built daemon that runs as a process with a configuration of its own.
final class RunningDaemon: Sendable {
    /// How a daemon is started.
    struct Options: Sendable {
        /// Added to the environment, or, with an empty value, taken out of it.
        var environment: [String: String] = [:]
        /// What executes the daemon in its place, such as `["prlimit", "--as=…"]`.
        var launcher: [String] = []
        /// The program and its arguments before `--config`.
        var program = [Products.rekindle, "serve"]
    }

    /// Holds its configuration, socket and log.
    let folder: String
    let process: Program
    private let postgresURL: String
    private let redisURL: String

    /// Writes the configuration and starts the daemon; does not wait for it.
    init(
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

    var configurationPath: String { "\(folder)/rekindle.toml" }
    var socketPath: String { "\(folder)/rekindle.sock" }
    var id: pid_t { process.id }

    /// What it has written to standard error.
    var log: String { Files.read("\(folder)/log") }

    /// Puts another configuration in place; SIGHUP takes it up.
    func configure(_ configuration: DaemonConfiguration) throws {
        try Files.write(
            configuration.text(postgresURL: postgresURL, redisURL: redisURL, socket: socketPath),
            to: configurationPath)
    }

    /// Puts another configuration in place and waits until it is in force.
    func reload(_ configuration: DaemonConfiguration, at place: SourceLocation = #_sourceLocation) throws {
        try configure(configuration)
        let before = try metric("rekindle_reloads_total", "result=\"applied\"")
        signal(SIGHUP)
        try eventually(at: place) {
            try metric("rekindle_reloads_total", "result=\"applied\"") > before && status()["state"] == "ready"
        }
    }

    func signal(_ number: Int32) { process.signal(number) }

    func kill() { process.kill() }

    /// Waits until it has ended.
    func waitForExit(within limit: Duration = .seconds(10), at place: SourceLocation = #_sourceLocation) throws -> Exit
    {
        guard let exit = process.waitForExit(within: limit) else {
            throw Trouble("\(place.fileID):\(place.line): the daemon has not ended within \(limit).\n\(log)")
        }
        return exit
    }

    /// Waits until `/readyz` says 200.
    func waitUntilReady(within limit: Duration = .seconds(20), at place: SourceLocation = #_sourceLocation) throws {
        try eventually(within: limit, at: place) {
            if let exit = process.exit { throw Trouble("The daemon has ended: \(exit).\n\(log)") }
            return readiness
        } where: {
            $0 == 200
        }
    }

    /// The status of `/readyz`; nil while nobody answers.
    var readiness: Int? { try? HealthClient(path: socketPath).get("/readyz").status }

    /// The text of an endpoint.
    func get(_ target: String) throws -> String {
        do {
            return String(decoding: try HealthClient(path: socketPath).get(target).body, as: UTF8.self)
        } catch {
            throw Trouble("\(target): \(error)\n\(log)")
        }
    }

    /// The document of `/status`.
    func status() throws -> Document { try Document(get("/status")) }

    /// The sum of a metric's samples, those that have all of the labels, such as `region="items"`.
    func metric(_ name: String, _ labels: String...) throws -> Double {
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
    func eventually<Value: Equatable>(
        _ expected: Value, within limit: Duration = .seconds(10), at place: SourceLocation = #_sourceLocation,
        _ value: () throws -> Value
    ) throws {
        try DaemonTests.eventually(expected, within: limit, log: { log }, at: place, value)
    }

    /// As `eventually`, with the daemon's log in what is thrown.
    @discardableResult
    func eventually<Value>(
        within limit: Duration = .seconds(10), at place: SourceLocation = #_sourceLocation,
        _ value: () throws -> Value, where isExpected: (Value) -> Bool
    ) throws -> Value {
        try DaemonTests.eventually(within: limit, log: { log }, at: place, value, where: isExpected)
    }

    /// As `eventually`, with the daemon's log in what is thrown.
    func eventually(
        within limit: Duration = .seconds(10), at place: SourceLocation = #_sourceLocation,
        _ condition: () throws -> Bool
    ) throws {
        try DaemonTests.eventually(within: limit, log: { log }, at: place, condition) { $0 }
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
