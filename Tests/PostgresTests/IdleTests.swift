import Glibc
import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite struct IdleTests {
    /// In a process of its own, for other tests turn this one's loop.
    @Test func anIdleConnectionNeverWakes() async throws {
        let url = try PostgresServer.shared().url()
        await #expect(processExitsWith: .success) { [url = url as String] in
            LoopThread.started
            let connections = try await withTaskExecutorPreference(EventLoop.shared) {
                try await Self.connections(url)
            }
            for _ in 0..<10 {
                // Nothing is to happen, and so there is nothing to wait for but time; what went before may still end.
                let before = EventLoop.shared.turnCount
                usleep(200_000)
                if EventLoop.shared.turnCount == before { exit(0) }
            }
            await Self.close(connections)
            exit(1)
        }
    }

    /// One that listens, one in the middle of a stream that nobody pulls, and one of those that is dead.
    @Loop private static func connections(_ url: String) async throws -> [PostgresConnection] {
        let listener = try await Database.connect(url)
        try await listener.listen(to: ["c"], timeout: Database.patience)
        var connections = [listener]
        for _ in 0..<2 {
            let stream = try await Database.connect(url)
            try stream.stream("SELECT repeat('x', 1000) FROM generate_series(1, 9999)", timeout: Database.patience)
            _ = try await stream.nextRow()
            connections.append(stream)
        }
        _ = try await listener.cell("SELECT pg_terminate_backend(\(connections[2].backendPID), 20000)")
        _ = try await listener.cell("SELECT 1")
        return connections
    }

    @Loop private static func close(_ connections: [PostgresConnection]) async {
        for connection in connections { connection.close() }
    }
}
