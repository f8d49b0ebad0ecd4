import Glibc

/// A private PgBouncer on a Unix socket in front of a private Postgres; it does not outlive the object or the process.
public final class PoolerServer: Sendable {
    /// When a session of the server is given to the next client.
    public enum Mode: String, Sendable {
        /// When its client leaves.
        case session
        /// After every transaction.
        case transaction
    }

    private let scratch: ScratchFolder
    private let process: Postmaster

    /// Starts a pooler in front of `server`, and returns once it takes connections.
    public init(_ mode: Mode, before server: PostgresServer) throws {
        guard let scratch = ScratchFolder("rekindle-pooler") else {
            throw PoolerFailure(description: "no scratch folder under /tmp: errno \(errno)")
        }
        self.scratch = scratch
        if getuid() == 0 { _ = Child.run(["chown", "postgres:postgres", scratch.path]) }
        let file = "\(scratch.path)/pgbouncer.ini"
        guard Self.write(Self.configuration(mode, server.socketFolder, scratch.path), to: file) else {
            throw PoolerFailure(description: "\(file) can not be written: errno \(errno)")
        }
        // Debian keeps it where users do not look.
        let program = access("/usr/sbin/pgbouncer", X_OK) == 0 ? "/usr/sbin/pgbouncer" : "pgbouncer"
        process = Postmaster(
            PostgresServer.asOwner + ["--pdeathsig", "KILL", program, file], readyWord: "process up: ")
        guard process.isReady else {
            throw PoolerFailure(description: "pgbouncer did not start, is it installed?\n\(process.log)")
        }
    }

    deinit {
        process.stop(SIGKILL)
        scratch.remove()
    }

    /// The URL by which a database of the server is reached through the pooler.
    public func url(database: String) -> String {
        "postgresql:///\(database)?host=\(scratch.path)&port=6432&user=postgres"
    }

    /// What it has logged.
    public var log: String { process.log }

    private static func configuration(_ mode: Mode, _ server: String, _ folder: String) -> String {
        """
        [databases]
        * = host=\(server) user=postgres
        [pgbouncer]
        listen_addr =
        listen_port = 6432
        unix_socket_dir = \(folder)
        auth_type = any
        pool_mode = \(mode.rawValue)
        ignore_startup_parameters = extra_float_digits, options
        """
    }

    private static func write(_ text: String, to path: String) -> Bool {
        guard let file = fopen(path, "w") else { return false }
        let isWritten = fputs(text + "\n", file) >= 0
        return fclose(file) == 0 && isWritten
    }
}

/// Why a pooler could not be started.
public struct PoolerFailure: Error, CustomStringConvertible {
    /// What failed, and what it logged.
    public let description: String
}
