import Glibc

/// A private Postgres cluster on a Unix socket, one for the test process or for one test; it does not outlive either.
///
/// The postmaster gets SIGQUIT, its immediate shutdown, when the thread that started it dies, and that thread lives
/// as long as the process; `kill -9` of the process is enough.
public final class PostgresServer: @unchecked Sendable {
    /// What could not be done with the server; its log is in it.
    public struct Failure: Error, CustomStringConvertible {
        /// What failed, and what the server said.
        public let description: String
    }

    private static let started = Result { () throws(Failure) -> PostgresServer in
        let server = try PostgresServer()
        PostgresServer.discardAtExit()
        return server
    }

    private static func discardAtExit() {
        atexit { try? PostgresServer.started.get().discard() }
    }

    /// The process' server, started by the first call, which takes about a second.
    public static func shared() throws(Failure) -> PostgresServer { try started.get() }

    /// Starts a server for one test, which may stop it and crash it; it ends with the object.
    ///
    /// - Parameters:
    ///   - network: a network in which it also listens on 127.0.0.1, port 5432.
    ///   - settings: what it is started with besides, such as `["max_connections=10"]`.
    public static func start(
        in network: NetworkNamespace? = nil, settings: [String] = []
    ) throws(Failure) -> PostgresServer {
        try PostgresServer(network, settings)
    }

    /// Copies the server as it is now; the copy is a hot standby of its own, until it is promoted.
    ///
    /// - Parameter follows: whether it replays what its origin commits from now on; otherwise it stays as it is.
    public func standby(follows: Bool) throws(Failure) -> PostgresServer {
        try PostgresServer(nil, settings, copyOf: self, follows: follows)
    }

    /// Makes a standby a primary, on a timeline of its own, and waits for that.
    public func promote() throws(Failure) { try sql("SELECT pg_promote()") }

    /// Makes a server that is stopped go on from a transaction id, once it is started; a multiple of a million is best.
    public func skipTransactions(to id: Int) throws(Failure) {
        let log = "\(scratch.path)/data/pg_xact/\(Self.segment(of: id))"
        let steps = [
            ["dd", "if=/dev/zero", "of=\(log)", "bs=8192", "count=32", "status=none"],
            ["\(programs)/pg_resetwal", "-x", String(id), "-D", "\(scratch.path)/data"],
        ]
        for step in steps {
            let (code, output) = Child.run(Self.asOwner + step)
            guard code == 0 else { throw Failure(description: "\(step): \(output)") }
        }
    }

    /// Removes the record of which transactions about `id` were committed, as a bug or a damaged disk does.
    public func forgetTransactions(about id: Int) { unlink("\(scratch.path)/data/pg_xact/\(Self.segment(of: id))") }

    /// The file of pg_xact that a transaction is in, of 2^20 each.
    private static func segment(of id: Int) -> String {
        let name = String(id >> 20, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - name.count) + name
    }

    private let scratch: ScratchFolder
    private let programs: String
    private let network: NetworkNamespace?
    private let settings: [String]
    // Unchecked Sendable: `postmaster` and `databases` are touched under this lock only.
    private let lock = Lock()
    private var postmaster: Postmaster?
    private var databases = 0

    private init(
        _ network: NetworkNamespace? = nil, _ settings: [String] = [], copyOf origin: PostgresServer? = nil,
        follows: Bool = false
    ) throws(Failure) {
        self.network = network
        self.settings = settings
        guard let scratch = ScratchFolder("rekindle-postgres") else {
            throw Failure(description: "no scratch folder under /tmp: errno \(errno)")
        }
        self.scratch = scratch
        programs = try Self.findPrograms()
        if let origin { try copy(origin, follows) } else { try initialise() }
        try start()
    }

    deinit { discard() }

    /// The folder of the server's socket.
    public var socketFolder: String { scratch.path }

    /// A URL for one of its databases, as its superuser.
    public func url(database: String = "postgres") -> String {
        "postgresql:///\(database)?host=\(scratch.path)&user=postgres"
    }

    /// Makes an empty database with a name of its own, and gives its URL.
    ///
    /// - Parameter options: how it is made, such as `ENCODING 'LATIN1' TEMPLATE template0`.
    public func makeDatabase(_ options: String = "") throws(Failure) -> String {
        let number = lock.locked {
            databases += 1
            return databases
        }
        try sql("CREATE DATABASE test_\(number) \(options)")
        return url(database: "test_\(number)")
    }

    /// Runs SQL as the superuser, blocking; gives the rows back, one a line, their cells divided by `|`.
    @discardableResult
    public func sql(_ text: String, url: String? = nil) throws(Failure) -> String {
        let psql = ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url ?? self.url(), "-c", text]
        let (code, output) = Child.run(psql)
        guard code == 0 else { throw Failure(description: "psql: \(output)\nthe server's log:\n\(log)") }
        return output.hasSuffix("\n") ? String(output.dropLast()) : output
    }

    /// What the server has logged since it was started last.
    public var log: String { lock.locked { postmaster }?.log ?? "" }

    /// Stops the server; at once as if it had crashed, or after it has ended its sessions.
    public func stop(immediate: Bool = false) {
        lock.locked { postmaster }?.stop(immediate ? SIGQUIT : SIGINT)
        lock.locked { postmaster = nil }
    }

    /// Starts a server that was stopped, and waits until it takes connections.
    ///
    /// Commits wait for the log to be written, which without fsync is cheap: a crash of the server alone loses none.
    public func start() throws(Failure) {
        let all =
            [
                "listen_addresses=\(network == nil ? "" : "127.0.0.1")", "fsync=off", "full_page_writes=off",
                "shared_buffers=32MB", "max_connections=100",
            ] + settings
        let postmaster = Postmaster(
            (network?.launcher ?? []) + Self.asOwner + [
                "--pdeathsig", "QUIT", "\(programs)/postgres", "-D", "\(scratch.path)/data", "-k", scratch.path,
            ] + all.flatMap { ["-c", $0] })
        guard postmaster.isReady else { throw Failure(description: "postgres did not start:\n\(postmaster.log)") }
        lock.locked { self.postmaster = postmaster }
    }

    /// Stops and starts it.
    public func restart(immediate: Bool = false) throws(Failure) {
        stop(immediate: immediate)
        try start()
    }

    private func discard() {
        stop(immediate: true)
        scratch.remove()
    }

    private func initialise() throws(Failure) {
        let data = "\(scratch.path)/data"
        mkdir(data, 0o700)
        if getuid() == 0 { _ = Child.run(["chown", "postgres:postgres", scratch.path, data]) }
        let (code, output) = Child.run(
            Self.asOwner + [
                "\(programs)/initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C",
                "--no-sync",
            ])
        guard code == 0 else { throw Failure(description: "initdb: \(output)") }
    }

    private func copy(_ origin: PostgresServer, _ follows: Bool) throws(Failure) {
        let data = "\(scratch.path)/data"
        if getuid() == 0 { _ = Child.run(["chown", "postgres:postgres", scratch.path]) }
        let copying = [
            "\(programs)/pg_basebackup", "-D", data, "-h", origin.socketFolder, "-U", "postgres", "-X", "stream", "-c",
            "fast", "--no-sync",
        ]
        let (code, output) = Child.run(Self.asOwner + copying + (follows ? ["-R"] : []))
        guard code == 0 else { throw Failure(description: "pg_basebackup: \(output)") }
        if !follows { _ = Child.run(Self.asOwner + ["touch", "\(data)/standby.signal"]) }
    }

    /// Postgres refuses to run as root.
    static var asOwner: [String] {
        getuid() == 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["setpriv"]
    }

    private static func findPrograms() throws(Failure) -> String {
        let (code, output) = Child.run(["pg_config", "--bindir"])
        let folder = output.split(separator: "\n").first.map { String($0) } ?? ""
        guard code == 0, access("\(folder)/initdb", X_OK) == 0 else {
            throw Failure(description: "no initdb beside pg_config: install the Postgres server")
        }
        return folder
    }
}
