import Redis

extension ServiceSettings {
    /// The settings that a configuration asks for.
    init(_ configuration: Configuration) {
        name = configuration.service.name
        postgresURL = configuration.postgres.url.conninfo
        postgresPassword = unsafe configuration.postgres.password?.withBytes { unsafe [UInt8]($0) }
        redis = unsafe RedisSettings(
            address: RedisAddress(configuration.redis.url),
            password: configuration.redis.password?.withBytes { unsafe String(decoding: $0, as: UTF8.self) },
            clientName: configuration.service.name)
        workers = configuration.postgres.workers
        statementTimeout = configuration.postgres.statementTimeout
        heartbeat = configuration.service.heartbeat
        sampler = configuration.sampler
    }

    /// These settings, with what a reload may change taken from `fresh`.
    func taking(_ fresh: ServiceSettings) -> ServiceSettings {
        ServiceSettings(
            name: name, postgresURL: fresh.postgresURL, postgresPassword: fresh.postgresPassword, redis: fresh.redis,
            workers: workers, statementTimeout: fresh.statementTimeout, heartbeat: fresh.heartbeat,
            sampler: fresh.sampler)
    }

    /// Whether a session made by other settings must be made anew.
    func needsNewSessions(after other: ServiceSettings) -> Bool {
        postgresURL != other.postgresURL || postgresPassword != other.postgresPassword
            || statementTimeout != other.statementTimeout
    }

    /// Whether the connection to Redis must be made anew.
    func needsNewRedis(after other: ServiceSettings) -> Bool {
        redis.address != other.redis.address || redis.password != other.redis.password
    }
}

extension RedisAddress {
    init(_ location: RedisLocation) {
        let endpoint: Endpoint =
            switch location.endpoint {
            case .unix(let path): .unix(path: path)
            case .tcp(let host, let port): .tcp(host: host, port: port)
            }
        self.init(endpoint: endpoint, user: location.user, database: location.database)
    }
}
