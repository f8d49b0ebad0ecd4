import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct BackPressureTests {
    @Loop private func fill(_ redis: RedisConnection, _ commands: Int, _ tally: Tally) {
        let value = [UInt8](repeating: 7, count: 4096)
        for number in 0..<commands {
            redis.send(arguments: 3) {
                $0.append("SET"); $0.append(number); $0.append(value)
            } reply: { reply in
                if reply.equals("OK") { tally.add() }
            }
        }
    }

    @Loop @Test func partialWritesArriveWhole() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server, sendBuffer: 4096)
        let tally = Tally()
        server.freeze()
        fill(redis, 1000, tally)
        #expect(redis.outputBytes > 3 << 20, "the kernel took only its buffer's worth")
        #expect(redis.outstandingReplies == 1000)
        server.thaw()
        try await tally.wait(for: 1000)
        #expect(redis.outputBytes == 0)
        #expect(server.cli("DBSIZE") == "1000")
        #expect(server.cli("STRLEN", "999") == "4096")
    }

    @Loop @Test func roomIsAwaited() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let tally = Tally()
        server.freeze()
        fill(redis, 1000, tally)
        let before = redis.outputBytes
        #expect(before > 1 << 20)
        await #expect(throws: (any Error).self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await redis.room(below: 1 << 20) }
                group.cancelAll()
                try await group.next()
            }
        }
        #expect(redis.outputBytes == before, "a frozen server makes no room")
        server.thaw()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for bound in [1 << 20, 1 << 19, 1] {
                group.addTask { try await roomLeft(redis, bound) }
            }
            for try await left in group { #expect(left >= 0) }
        }
        #expect(redis.outputBytes == 0)
        try await tally.wait(for: 1000)
    }

    @Loop @Test func whoWaitsForRoomIsToldOfTheEnd() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        server.freeze()
        fill(redis, 1000, Tally())
        let error = try await withThrowingTaskGroup(of: RedisError?.self) { group in
            group.addTask {
                do throws(RedisError) {
                    try await redis.room(below: 1)
                    return nil
                } catch { return error }
            }
            server.kill()
            return try await group.next() ?? nil
        }
        #expect(error?.code == .connectionLost)
    }
}

/// Waits, and tells by how much the bound was met.
@Loop private func roomLeft(_ redis: RedisConnection, _ bound: Int) async throws -> Int {
    try await redis.room(below: bound)
    return bound - 1 - redis.outputBytes
}
