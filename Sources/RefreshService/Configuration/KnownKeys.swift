/// The keys that a table may have: the decoder can ask for no other, and refuses all others.
protocol ConfigurationKey: RawRepresentable<String>, CaseIterable, Hashable, Sendable {}

enum RootKey: String, ConfigurationKey {
    case include, service, postgres, redis, health, sampler, regions, queries, resolvers, channels, tables
}

enum ServiceKey: String, ConfigurationKey {
    case name, ready, heartbeat
    case logLevel = "log_level"
    case queueBytes = "queue_bytes"
    case drainTimeout = "drain_timeout"
}

enum PostgresKey: String, ConfigurationKey {
    case url, workers
    case statementTimeout = "statement_timeout"
    case passwordCredential = "password_credential"
}

enum RedisKey: String, ConfigurationKey {
    case url
    case passwordCredential = "password_credential"
}

enum HealthKey: String, ConfigurationKey {
    case socket, listen, followers
    case allowOrigin = "allow_origin"
}

enum SamplerKey: String, ConfigurationKey {
    case interval, delays
}

enum RegionKey: String, ConfigurationKey {
    case prefix, ttl, format, serializer, mangler, locks, keep
    case mangleFrom = "mangle_from"
    case lockPrefix = "lock_prefix"
    case lockTimeout = "lock_timeout"
    case lockPatience = "lock_patience"
    case onGap = "on_gap"
    case maxValue = "max_value"
    case staleAfter = "stale_after"
    case refreshAhead = "refresh_ahead"
    case refreshBudget = "refresh_budget"
}

enum QueryKey: String, ConfigurationKey {
    case region, key, params, sql, result, missing, warm, when
    case sqlFile = "sql_file"
}

enum ResolverKey: String, ConfigurationKey {
    case query, params, sql
    case sqlFile = "sql_file"
}

enum ChannelKey: String, ConfigurationKey {
    case payload, refresh, invalidate, publish, together
}

enum RefreshKey: String, ConfigurationKey {
    case query, resolver, params
}

enum InvalidateKey: String, ConfigurationKey {
    case region, key, params
}

enum PublishKey: String, ConfigurationKey {
    case channel, stream, maxlen, after, body
}

enum TableKey: String, ConfigurationKey {
    case key, channel, columns
}

/// Every key of the configuration, as the decoder knows them; the manual and the sample are held to it.
public enum KnownKeys {
    /// The tables by the titles that faults call them, `NAME` standing for the user's names, with their keys.
    public static let tables: [(title: String, keys: [String])] = [
        ("top level", names(RootKey.self)),
        ("[service]", names(ServiceKey.self)),
        ("[postgres]", names(PostgresKey.self)),
        ("[redis]", names(RedisKey.self)),
        ("[health]", names(HealthKey.self)),
        ("[sampler]", names(SamplerKey.self)),
        ("[regions.NAME]", names(RegionKey.self)),
        ("[queries.NAME]", names(QueryKey.self)),
        ("[resolvers.NAME]", names(ResolverKey.self)),
        ("[channels.NAME]", names(ChannelKey.self)),
        ("refresh", names(RefreshKey.self)),
        ("invalidate", names(InvalidateKey.self)),
        ("publish", names(PublishKey.self)),
        ("[tables.NAME]", names(TableKey.self)),
    ]

    private static func names<Key: ConfigurationKey>(_ keys: Key.Type) -> [String] { keys.allCases.map(\.rawValue) }
}
