public import Glibc

/// A private redis-server on a Unix socket in a scratch folder, for one test.
///
/// It dies with the test process, however that ends, and with this object; its folder goes with it, or, after a
/// crash, on the next run. All calls block: start it off the loop.
///
/// Unchecked Sendable: a test hands it from one task to the other and never uses it from two at once.
public final class RedisServer: @unchecked Sendable {
    /// How a server is started.
    public struct Options: Sendable {
        /// Whether it also listens on a free TCP port of 127.0.0.1.
        public var listensOnTCP = false
        /// The default user's password.
        public var password: String?
        /// Further arguments, such as `["--maxmemory", "1mb"]`.
        public var arguments: [String] = []

        /// Makes options; a private server on a Unix socket without password is the default.
        public init(listensOnTCP: Bool = false, password: String? = nil, arguments: [String] = []) {
            self.listensOnTCP = listensOnTCP
            self.password = password
            self.arguments = arguments
        }
    }

    /// The folder with socket, dump and nothing else.
    public let folder: String
    /// The Unix socket's path.
    public var socketPath: String { folder + "/redis.sock" }
    /// The TCP port, when it listens on one.
    public let port: UInt16?
    /// The Unix socket as a URL, without password.
    public var url: String { "unix://\(socketPath)" }
    /// The server's process id.
    public var processID: pid_t { process?.id ?? 0 }
    /// What the server has logged since it was started, at most its last lines.
    public var log: String { process?.log ?? "" }

    private let options: Options
    private var process: RedisServerProcess?

    private init(_ options: Options) throws {
        self.options = options
        folder = try RedisServerFolder.make()
        port = options.listensOnTCP ? try RedisServerFolder.freePort() : nil
    }

    /// Starts a server and returns once it accepts connections.
    public static func start(_ options: Options = Options()) throws -> RedisServer {
        let server = try RedisServer(options)
        try server.launch()
        return server
    }

    deinit {
        kill()
        RedisServerFolder.remove(folder)
    }

    /// Ends it in an orderly way, and waits for that.
    public func stop() {
        thaw()
        process?.end(with: SIGTERM)
        process = nil
    }

    /// Ends it at once, as a crash would, and waits for that.
    public func kill() {
        process?.end(with: SIGKILL)
        process = nil
    }

    /// Ends it, when it runs, and starts it again on the same socket and port; its data is kept or lost.
    public func restart(keepingData: Bool) throws {
        if keepingData, process != nil { cli("SAVE") }
        kill()
        if !keepingData { unlink(folder + "/dump.rdb") }
        try launch()
    }

    /// Stops it without ending it: it accepts connections (the kernel does) and answers nothing.
    public func freeze() { process?.signal(SIGSTOP) }

    /// Lets a frozen server go on.
    public func thaw() { process?.signal(SIGCONT) }

    /// Runs redis-cli and returns what it prints, without the last line end; errors of the server are part of that.
    @discardableResult
    public func cli(_ arguments: String...) -> String { cli(arguments) }

    /// Runs redis-cli and returns what it prints, without the last line end; errors of the server are part of that.
    @discardableResult
    public func cli(_ arguments: [String]) -> String {
        let credentials = options.password.map { ["-a", $0, "--no-auth-warning"] } ?? []
        var output = RedisServerProcess.output(of: ["redis-cli", "-s", socketPath] + credentials + arguments)
        while output.last?.isNewline == true { output.removeLast() }
        return output
    }

    private func launch() throws {
        var arguments = ["redis-server", "--port", String(port ?? 0), "--bind", "127.0.0.1"]
        arguments += ["--unixsocket", socketPath, "--unixsocketperm", "700", "--dir", folder, "--save", ""]
        arguments += ["--daemonize", "no", "--enable-debug-command", "yes"]
        if let password = options.password { arguments += ["--requirepass", password] }
        process = try RedisServerProcess(arguments + options.arguments)
    }
}

/// Why a test server could not be started.
public struct RedisServerFailure: Error, CustomStringConvertible {
    /// What went wrong.
    public let description: String

    init(_ description: String) { self.description = description }
}
