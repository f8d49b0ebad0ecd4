package import TestServers

/// What one test has for itself: a database, a Redis server, a scratch folder, and the daemons that it starts.
///
/// Calls block: tests are plain functions, of which Swift Testing runs as many at once as there are processors.
package final class Site: Sendable {
    /// The Postgres server.
    package let postgres: PostgresServer
    /// The Redis server.
    package let redis: RedisServer
    /// The database's URL.
    package let databaseURL: String
    private let scratch: ScratchFolder
    private let daemons = Guarded<[RunningDaemon]>([])

    /// Makes a database on the shared Postgres server, or on one of the test's own, and starts a Redis server.
    ///
    /// - Parameter database: how the database is made, such as `ENCODING 'LATIN1' TEMPLATE template0`.
    package init(postgres: PostgresServer? = nil, redis: RedisServer.Options = .init(), database: String = "") throws {
        self.postgres = try postgres ?? .shared()
        self.redis = try .start(redis)
        databaseURL = try self.postgres.makeDatabase(database)
        guard let scratch = ScratchFolder("rekindle-daemon") else { throw Trouble("No scratch folder.") }
        self.scratch = scratch
    }

    deinit {
        daemons.withLock { for daemon in $0 { daemon.kill() } }
        scratch.remove()
    }

    /// The scratch folder.
    package var folder: String { scratch.path }

    /// Runs SQL in the test's database, all of it in one transaction; gives rows, their cells divided by `|`.
    @discardableResult
    package func sql(_ text: String) throws -> String { try postgres.sql(text, url: databaseURL) }

    /// A psql session that stays, for transactions that are held open and for many short ones.
    package func session() throws -> SQLSession { try SQLSession(url: databaseURL) }

    /// Runs redis-cli.
    @discardableResult
    package func cli(_ arguments: String...) -> String { redis.cli(arguments) }

    /// A connection to Redis that stays, for many commands and for subscriptions.
    package func redisClient() throws -> RedisClient { try RedisClient(path: redis.socketPath) }

    /// Starts a daemon and does not wait for it.
    package func start(_ configuration: DaemonConfiguration, _ options: RunningDaemon.Options = .init()) throws
        -> RunningDaemon
    {
        let number = daemons.withLock { $0.count + 1 }
        let daemon = try RunningDaemon(
            configuration, postgresURL: databaseURL, redisURL: redis.url, folder: "\(folder)/daemon-\(number)", options)
        daemons.withLock { $0.append(daemon) }
        return daemon
    }

    /// Starts a daemon with these regions, queries and channels, and waits until it is ready.
    package func daemon(_ body: String, _ options: RunningDaemon.Options = .init()) throws -> RunningDaemon {
        try daemon(DaemonConfiguration(body), options)
    }

    /// Starts a daemon and waits until it is ready.
    package func daemon(
        _ configuration: DaemonConfiguration, _ options: RunningDaemon.Options = .init()
    ) throws -> RunningDaemon {
        let daemon = try start(configuration, options)
        try daemon.waitUntilReady()
        return daemon
    }

    /// What all daemons logged.
    package var log: String { daemons.withLock { $0.map(\.log) }.joined(separator: "\n--- the next daemon ---\n") }
}
