import Glibc
import Reactor
import Redis
import TestServers
import TestSupport
import Testing

/// In a process of its own, for other tests use the same loop.
@Suite struct IdleTests {
    @Test func anIdleConnectionWakesNobody() async {
        await #expect(processExitsWith: .success) {
            LoopThread.started
            let server = try await startRedis()
            let redis = try await withTaskExecutorPreference(EventLoop.shared) { try await connected(to: server) }
            try await withTaskExecutorPreference(EventLoop.shared) { try await work(redis) }
            // The deadline of the last command may wake the loop once for nothing; by then that is over.
            poll(nil, 0, 300)
            let before = EventLoop.shared.turnCount
            poll(nil, 0, 700)
            let turns = EventLoop.shared.turnCount - before
            #expect(turns == 0, "\(turns) turns while idle")
        }
    }
}

@Loop private func connected(to server: RedisServer) async throws -> RedisConnection {
    try await .connect(to: server, replyTimeout: .milliseconds(50))
}

@Loop private func work(_ redis: RedisConnection) async throws {
    for _ in 0..<100 { _ = try await redis.command("PING") }
}
