import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct SilentTransactionTests {
    /// Sends a transaction that stores `k`, and waits until the server speaks again.
    @Loop private func store(_ value: String, _ redis: RedisConnection) async throws {
        redis.sendSilentTransaction { writer in
            writer.append(PreparedWords(beginning: ["SET"], of: 5))
            writer.appendParts(Array("p:".utf8), Array("k".utf8))
            writer.append(value)
            writer.append(PreparedWords(["PX", "60000"]))
            writer.begin("SET", words: 3)
            writer.append("mark")
            writer.append(value)
        }
        _ = try await redis.command("PING")
    }

    @Loop @Test func itIsCarriedOutAndOnlyItsEndIsAnswered() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        #expect(try await redis.takesSilentTransactions(watching: "fence"))
        for number in 1...3 { try await store("\(number)", redis) }
        #expect(server.cli("MGET", "p:k", "mark") == "3\n3")
        #expect((Int(server.cli("PTTL", "p:k")) ?? 0) > 0)
        #expect(redis.isOpen && redis.outstandingReplies == 0)
    }

    @Loop @Test(arguments: [["SET", "fence", "other"], ["DEL", "fence"], ["FLUSHALL"]])
    func nothingOfItIsCarriedOutWhenTheWatchedKeyHasChanged(by change: [String]) async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        _ = try await redis.command("SET", "fence", "ours")
        _ = try await redis.command("WATCH", "fence")
        server.cli(change)
        try await store("late", redis)
        #expect(server.cli("EXISTS", "p:k", "mark") == "0")
        #expect(redis.isOpen)
    }

    @Loop @Test func nothingOfItIsCarriedOutWhenACommandIsRefused() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        server.cli("ACL", "SETUSER", "default", "resetkeys", "~mark")
        try await store("forbidden", redis)
        server.cli("ACL", "SETUSER", "default", "~*")
        #expect(server.cli("EXISTS", "p:k", "mark") == "0")
        #expect(redis.isOpen)
    }

    @Loop @Test(arguments: ["client|reply", "watch", "multi", "discard"])
    func whoMayNotUseItIsTold(command: String) async throws {
        let server = try await startRedis()
        server.cli("ACL", "SETUSER", "default", "-\(command)")
        let redis = try await RedisConnection.connect(to: server)
        #expect(try await !redis.takesSilentTransactions(watching: "fence"))
        #expect(redis.isOpen)
    }

    @Loop @Test func aServerThatAnswersAllTheSameIsOutOfStep() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let closed = Waiter<RedisError>()
        redis.onClosed = { closed.give($0) }
        server.cli("ACL", "SETUSER", "default", "-client|reply")
        try? await store("loud", redis)
        #expect(try await closed.wait(timeout: .seconds(10)).kind == .noPerm)
    }
}
