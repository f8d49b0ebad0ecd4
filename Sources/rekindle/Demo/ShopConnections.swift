import Postgres
import Reactor
import Redis

/// The demonstration's own connections, one for each who works at the same time.
@Loop
struct ShopConnections {
    let load: PostgresConnection
    let probe: PostgresConnection
    let reader: PostgresConnection
    let probeCache: RedisConnection
    let readerCache: RedisConnection

    init(_ servers: DemoServers) async throws {
        load = try await servers.connection("load")
        probe = try await servers.connection("probe")
        reader = try await servers.connection("reader")
        probeCache = try await servers.cache("probe")
        readerCache = try await servers.cache("reader")
    }

    func close() {
        for connection in [load, probe, reader] { connection.close() }
        for connection in [probeCache, readerCache] { connection.close() }
    }
}
