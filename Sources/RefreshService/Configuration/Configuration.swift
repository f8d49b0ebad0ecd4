public import RefreshCore

/// All that the user configures, checked as a whole.
///
/// Immutable; a reload makes another one and compares. Secrets in it describe themselves as redacted.
public struct Configuration: Sendable, Equatable {
    /// `[service]`, with its defaults.
    public let service: Service
    /// `[postgres]`, with its defaults.
    public let postgres: Postgres
    /// `[redis]`, with its defaults.
    public let redis: Redis
    /// `[health]`, with its defaults.
    public let health: Health
    /// `[sampler]`, with its defaults.
    public let sampler: Sampler
    /// The tables that `rekindle triggers` makes triggers for, in the order of the files.
    public let tables: [TrackedTable]
    /// Regions, queries and channels, each in the order of the files.
    public let registry: Registry
    /// What is allowed but seldom meant, sorted by file, line and column.
    public let warnings: [Fault]
}

extension Configuration {
    /// `[service]`: the daemon itself.
    public struct Service: Sendable, Equatable {
        /// Names the lease, the fence key and the application_name; letters, digits and `._:@-`, at most 48 bytes.
        public let name: String
        /// What READY waits for.
        public let ready: Readiness
        /// The least severe level that is logged.
        public let logLevel: LogLevel
        /// The bound of the refresh queue.
        public let queueBytes: Int
        /// How long a stop waits for what is queued.
        public let drainTimeout: Duration
        /// How often a nonce is sent, and Redis is asked whether it still has what was written.
        public let heartbeat: Duration
    }

    /// When systemd is told READY.
    public enum Readiness: String, Sendable, CaseIterable {
        /// Once every region is warm.
        case warm
        /// Once the channels are listened to.
        case listening
    }

    /// The least severe level that is logged; the names are swift-log's.
    public enum LogLevel: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    /// `[postgres]`: the database that is listened to and asked.
    public struct Postgres: Sendable, Equatable {
        /// Where it is.
        public let url: PostgresLocation
        /// How many connections re-run queries, 1 to 64; the listener has its own.
        public let workers: Int
        /// When Postgres cancels a query; whole milliseconds.
        public let statementTimeout: Duration
        /// From the credential; nil when there is none.
        public let password: Secret?
    }

    /// `[redis]`: the cache that is written.
    public struct Redis: Sendable, Equatable {
        /// Where it is, which database, and as whom.
        public let url: RedisLocation
        /// From the credential, else from the URL; nil when there is none.
        public let password: Secret?
    }

    /// `[health]`: where the daemon answers.
    public struct Health: Sendable, Equatable {
        /// The path of the Unix socket, unless systemd passes one.
        public let socket: String
        /// Where to listen by TCP, for reading only; nil does not.
        public let listen: ListenAddress?
        /// How many clients may follow `/events` at once, 0 to 10,000.
        public let followers: Int
        /// Whose pages may read `/events`: an origin such as `https://shop.example`, or `*`; nil for none.
        public let allowOrigin: String?
    }

    /// `[sampler]`: how cached values are compared with their queries.
    public struct Sampler: Sendable, Equatable {
        /// How often a random key is; nil never.
        public let interval: Duration?
        /// When one that differs is looked at again, counted from the first time; they rise.
        public let delays: [Duration]

        /// Makes settings; nil as interval turns the sampler off.
        public init(interval: Duration?, delays: [Duration]) {
            self.interval = interval
            self.delays = delays
        }
    }

    /// `[tables.NAME]`: a table whose changes are to be notified.
    public struct TrackedTable: Sendable, Equatable {
        /// As Postgres spells it, with a schema or without.
        public let name: TableName
        /// The columns whose values make the payload.
        public let key: [String]
        /// The columns besides whose changes count; nil for all.
        public let columns: [String]?
        /// A configured channel, of JSON payloads.
        public let channel: ChannelName
        /// Where the table begins, and where `key` and `columns` stand.
        let place: Place
        let keyPlace: Place
        let columnsPlace: Place

        /// Something that the database says against the table.
        func fault(_ sentence: String) -> Fault { Fault(place, sentence) }
        /// Something that it says against a column of it.
        func fault(ofKey isKey: Bool, _ sentence: String) -> Fault { Fault(isKey ? keyPlace : columnsPlace, sentence) }
    }
}
