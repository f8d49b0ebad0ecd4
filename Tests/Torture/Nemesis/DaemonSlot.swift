import Glibc
import RefreshService
import TestDaemon
import TestServers

/// A place at which a daemon runs, one process after the other, with one configuration, socket and log.
final class DaemonSlot: Sendable {
    /// 1 for the one that begins as owner.
    let number: Int
    private let folder: String
    private let postgresURL: String
    private let redisURL: String
    private let sabotage: String?
    private let state: Guarded<RunningDaemon>

    /// Starts a daemon.
    init(_ number: Int, folder: String, postgresURL: String, redisURL: String, sabotage: String?) throws {
        (self.number, self.folder, self.postgresURL) = (number, folder, postgresURL)
        (self.redisURL, self.sabotage) = (redisURL, sabotage)
        state = Guarded(
            try Self.launch(folder: folder, postgresURL: postgresURL, redisURL: redisURL, sabotage: sabotage))
    }

    /// The process that runs, or ran last.
    var daemon: RunningDaemon { state.withLock { $0 } }

    /// Starts another process in place of one that has ended.
    func start() throws {
        let fresh = try Self.launch(folder: folder, postgresURL: postgresURL, redisURL: redisURL, sabotage: sabotage)
        state.withLock { $0 = fresh }
    }

    /// Puts the configuration with further lines in place, and has it read.
    func reload(_ more: String) throws {
        // Before it takes signals, which it does when it answers, SIGHUP would end it; no manager reloads it then.
        try daemon.eventually(within: .seconds(15)) { (try? daemon.status()) != nil }
        try daemon.configure(Self.configuration(more))
        daemon.signal(SIGHUP)
    }

    /// Whether it holds the lease, by its own account.
    var isOwner: Bool { (try? daemon.status())?["connections.lease.held"] == "true" }

    /// How many gaps of a cause it has reported since it was started; nil when it does not answer.
    func gaps(_ cause: String) -> Int? {
        (try? daemon.metric("rekindle_gaps_total", "cause=\"\(cause)\"")).map(Int.init)
    }

    /// Whether a gap is open, by its own account; nil when it does not answer.
    var isGapOpen: Bool? { (try? daemon.metric("rekindle_gap_open")).map { $0 > 0 } }

    /// Whether it has nothing to do and no complaint.
    var isIdle: Bool {
        guard let status = try? daemon.status(), status["healthy"] == "true", status["queue.keys"] == "0" else {
            return false
        }
        var region = 0
        while let pending = status["regions.\(region).resync_pending"] {
            if pending != "false" { return false }
            region += 1
        }
        return isGapOpen == false
    }

    /// How long a value may be wrong once writes and faults have stopped, by its own account, in seconds.
    var convergenceBound: Double? { (try? daemon.status())?["convergence_bound_seconds"].flatMap { Double($0) } }

    /// The daemon's configuration, with further lines.
    static func configuration(_ more: String = "") -> DaemonConfiguration {
        var configuration = DaemonConfiguration(Schema.regions + "\n" + more)
        configuration.service = "heartbeat = \"500ms\"\ndrain_timeout = \"3s\""
        configuration.postgres = "statement_timeout = \"5s\"\nworkers = 2"
        return configuration
    }

    private static func launch(
        folder: String, postgresURL: String, redisURL: String, sabotage: String?
    ) throws -> RunningDaemon {
        try RunningDaemon(
            configuration(), postgresURL: postgresURL, redisURL: redisURL, folder: folder,
            .init(environment: ["REKINDLE_SABOTAGE": sabotage ?? ""]))
    }
}
