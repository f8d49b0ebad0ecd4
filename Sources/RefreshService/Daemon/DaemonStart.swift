import Glibc
public import Logging
import Reactor
import Systemd

/// What is settled before the loop runs and other threads start: the configuration, the log, the health sockets.
public struct DaemonStart: Sendable {
    let configurationPath: String
    let configuration: Configuration
    let environment: [String: String]
    let logger: Logger
    let notifier: ServiceNotifier
    let watchdog: Watchdog?
    /// With these the daemon starts, connects and answers some clients.
    private static let fewestDescriptors = 32

    /// Reads and checks the configuration.
    ///
    /// - Parameters:
    ///   - path: the configuration file.
    ///   - environment: where `CREDENTIALS_DIRECTORY` is looked up, also by reloads.
    public init(
        path: String, environment: [String: String], logger: Logger
    ) throws(ConfigurationError) {
        Self.holdSignals()
        configurationPath = path
        configuration = try Configuration.load(path: path, environment: environment)
        self.environment = environment
        var logger = logger
        logger.logLevel = Logger.Level(rawValue: configuration.service.logLevel.rawValue) ?? .info
        self.logger = logger
        notifier = ServiceNotifier()
        watchdog = Watchdog()
        for warning in configuration.warnings { logger.warning("\(warning)") }
    }

    /// Signals are the loop's: they wait until it runs, one that comes during the start too. Other threads inherit this.
    private static func holdSignals() {
        var blocked = sigset_t()
        unsafe sigemptyset(&blocked)
        for signal in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&blocked, signal) }
        unsafe pthread_sigmask(SIG_BLOCK, &blocked, nil)
    }

    /// Runs the daemon on the calling thread; returns its exit code, of sysexits.
    public func run() -> Int32 {
        signal(SIGPIPE, SIG_IGN)
        // Without enough of them threads and loops can not even be made, and nobody would say why.
        let descriptors = sysconf(Int32(_SC_OPEN_MAX))
        guard descriptors >= Self.fewestDescriptors else {
            logger.critical(
                "too few open files are allowed: raise LimitNOFILE",
                metadata: ["limit": "\(descriptors)", "needed": "\(Self.fewestDescriptors)"])
            return EX_OSERR
        }

        let board = HealthBoard()
        let server: HealthServer
        do {
            server = try startHealth(board, followers: followers(within: descriptors))
        } catch {
            logger.critical("\(error)")
            notifier.status("\(error)")
            return EX_CANTCREAT
        }
        defer { server.shutdown() }
        LoopPriority.letOthersFinish()
        return EventLoop.shared.run { [port = server.port] in await Self.main(self, board, port) }
    }

    @Loop
    private static func main(_ start: DaemonStart, _ board: HealthBoard, _ port: FollowerPort) async -> Int32 {
        do {
            let daemon = try Daemon(start, port)
            board.daemon = daemon
            return await daemon.run()
        } catch {
            start.logger.critical("\(error)")
            return EX_OSERR
        }
    }

    /// How many clients may follow events: each of them costs a descriptor.
    private func followers(within descriptors: Int) -> Int {
        let wanted = configuration.health.followers
        let others = Self.fewestDescriptors + 2 * HealthLimits().connections + configuration.postgres.workers
        var allowed = rlimit()
        var limit = descriptors
        let needed = others + wanted
        // The manager's limit is often a low one that a process may raise by itself.
        if limit < needed, unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &allowed) == 0 {
            allowed.rlim_cur = min(allowed.rlim_max, rlim_t(needed))
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &allowed) == 0 {
                limit = Int(allowed.rlim_cur)
            }
        }
        let most = max(0, limit - others)
        if most < wanted {
            logger.warning(
                "fewer clients may follow events than configured: raise LimitNOFILE",
                metadata: ["limit": "\(limit)", "needed": "\(needed)", "followers": "\(most)"])
        }
        return min(most, wanted)
    }

    private func startHealth(_ board: HealthBoard, followers: Int) throws -> HealthServer {
        var listeners = try PassedSockets.take().map { HealthListener.inherited(descriptor: $0.descriptor) }
        if listeners.isEmpty { listeners.append(.unixSocket(path: configuration.health.socket)) }
        if let address = configuration.health.listen {
            listeners.append(.tcp(host: address.host, port: Int(address.port)))
        }
        var limits = HealthLimits()
        limits.followers = followers
        return try HealthServer.start(
            listeners: listeners, limits: limits,
            wish: { wish in EventLoop.shared.perform { board.grant(wish) } },
            respond: { request, answer in EventLoop.shared.perform { board.take(request, answer) } })
    }
}
