import Glibc
import Postgres
import Reactor
import Redis
import RefreshService

/// The private Postgres, Redis and daemon of a demonstration.
@Loop
final class DemoServers {
    let folder: ScratchFolder
    private let programs: DemoPrograms
    private let environment: [String: String]
    private let guardian: DemoGuard
    private var children: [ChildProcess] = []
    private var isStopping = false
    /// Called when a server ends that was not told to.
    var onLoss: (@Loop (DemoError) -> Void)?

    init(_ programs: DemoPrograms, folder: ScratchFolder, environment: [String: String]) throws(DemoError) {
        self.programs = programs
        self.folder = folder
        self.environment = environment
        guardian = try DemoGuard(of: folder, environment: environment)
    }

    /// Reaps what has ended; to be called at each SIGCHLD.
    func childrenChanged() {
        guardian.reap()
        for child in children { child.reap() }
    }

    // MARK: Postgres

    /// Makes a cluster without the safety that a demonstration does not need.
    func initialisePostgres() async throws(DemoError) {
        try folder.makePostgresFolder(for: programs.account)
        let arguments = [
            programs.initdb, "-D", folder.postgres + "/data", "-U", "shop", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync",
        ]
        let child = try guardian.start(
            "initdb", programs.asServerUser + arguments, endedBy: "TERM", environment: environment)
        children.append(child)
        guard (try? await child.waitForEnd()) == true else { throw .interrupted(SIGINT) }
        guardian.forget(child)
        children.removeAll { $0 === child }
        guard child.status == 0 else { throw .notStarted(child.name, log: folder.tail(of: "initdb")) }
    }

    /// Starts Postgres and waits until it lets us in.
    func startPostgres() async throws(DemoError) {
        var arguments = [programs.postgres, "-D", folder.postgres + "/data", "-k", folder.postgres]
        let settings = [
            "listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off", "wal_level=minimal",
            "max_wal_senders=0", "shared_buffers=64MB", "max_connections=20", "jit=off",
            // Shared memory in the folder, so that it goes with it.
            "dynamic_shared_memory_type=mmap",
        ]
        for setting in settings { arguments += ["-c", setting] }
        // Its SIGQUIT is the immediate shutdown.
        try start("Postgres", programs.asServerUser + arguments, endedBy: "QUIT")
        let admin = try await connect("Postgres") { try await self.connection("starting", database: "postgres") }
        try await demoStep("making the database") {
            try await admin.execute("CREATE DATABASE shop", timeout: .seconds(30))
        }
        admin.close()
    }

    /// A new connection to the shop.
    func connection(_ application: String, database: String = "shop") async throws(PostgresError) -> PostgresConnection
    {
        let url = "postgresql:///\(database)?host=\(folder.postgres)&user=shop"
        return try await .connect(PostgresSettings(url: url, applicationName: "demo-\(application)"))
    }

    // MARK: Redis

    /// Starts Redis, which keeps nothing on disk, and waits until it answers.
    func startRedis() async throws(DemoError) {
        try start(
            "Redis",
            [
                programs.redis, "--port", "0", "--unixsocket", folder.redisSocket, "--unixsocketperm", "700", "--save",
                "",
                "--appendonly", "no", "--dir", folder.path,
            ], endedBy: "KILL")
        try await connect("Redis") { try await self.cache("starting") }.close()
    }

    /// A new connection to the cache.
    func cache(_ client: String) async throws(RedisError) -> RedisConnection {
        let address = RedisAddress(endpoint: .unix(path: folder.redisSocket))
        return try await .connect(RedisSettings(address: address, clientName: "demo-\(client)"))
    }

    // MARK: The daemon

    /// Starts this program as the daemon, and waits until it is ready: until every key is warm.
    func startDaemon(within limit: Duration) async throws(DemoError) {
        let child = try start(
            "Rekindle", [Self.ownProgram, "serve", "--config", folder.configuration], endedBy: "KILL")
        let client = HealthClient(path: folder.healthSocket, timeout: .seconds(1))
        let deadline = ContinuousClock.now + limit
        while (try? client.get("/readyz"))?.status != 200 {
            if child.status != nil || ContinuousClock.now > deadline { throw notStarted(child) }
            try await pause(.milliseconds(10))
        }
    }

    // MARK: Starting and stopping

    @discardableResult
    private func start(
        _ name: String, _ arguments: [String], endedBy signal: String
    ) throws(DemoError) -> ChildProcess {
        let child = try guardian.start(name, arguments, endedBy: signal, environment: environment)
        children.append(child)
        child.onExit = { [unowned self, unowned child] in
            guardian.forget(child)
            if !isStopping { onLoss?(.ended(child.name, how: child.ending)) }
        }
        return child
    }

    /// Tries to connect until it succeeds, the server has ended or a minute has passed.
    private func connect<Connection>(
        _ name: String, _ attempt: @Loop () async throws -> Connection
    ) async throws(DemoError) -> Connection {
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            if let connection = try? await attempt() { return connection }
            let child = children.last { $0.name == name }
            if let child, child.status != nil || ContinuousClock.now > deadline { throw notStarted(child) }
            try await pause(.milliseconds(10))
        }
    }

    private func notStarted(_ child: ChildProcess) -> DemoError {
        .notStarted(child.name, log: folder.tail(of: child.name.lowercased()))
    }

    private func pause(_ duration: Duration) async throws(DemoError) {
        do { try await Loop.sleep(for: duration) } catch { throw .interrupted(SIGINT) }
    }

    /// Ends all servers, the daemon first, and lets the guard remove the folder.
    func stop(keep: Bool) async {
        isStopping = true
        for child in children.reversed() {
            // SIGINT is Postgres' fast shutdown; SIGCONT, for one that somebody has stopped.
            child.send(child.name == "Postgres" ? SIGINT : SIGTERM)
            child.send(SIGCONT)
            if (try? await child.waitForEnd(timeout: .seconds(5))) != true {
                child.send(SIGKILL)
                _ = try? await child.waitForEnd(timeout: .seconds(5))
            }
        }
        await guardian.finish(keep: keep)
    }

    /// The path of the program that runs; the shell in between has another /proc/self/exe.
    private static var ownProgram: String {
        // One that was replaced since it started still runs by its number.
        guard let path = unsafe realpath("/proc/self/exe", nil) else { return "/proc/\(getpid())/exe" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }
}
