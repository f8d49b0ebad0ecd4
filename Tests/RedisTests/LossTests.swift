import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct LossTests {
    /// Sends commands without waiting, and collects what becomes of them.
    @Loop private func outstanding(_ redis: RedisConnection, _ count: Int, _ tally: Tally) -> Failures {
        let failures = Failures()
        for _ in 0..<count {
            redis.send(arguments: 1) {
                $0.append("PING")
            } reply: { reply in
                failures.errors.append(reply.error)
                tally.add()
            }
        }
        return failures
    }

    @Loop private final class Failures {
        var errors: [RedisError?] = []
    }

    @Loop @Test func aKilledServerFailsWhatIsOutstanding() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let closed = Waiter<RedisError>()
        redis.onClosed = { closed.give($0) }
        server.freeze()
        let tally = Tally()
        let failures = outstanding(redis, 1000, tally)
        redis.flush()
        server.kill()
        try await tally.wait(for: 1000)
        #expect(failures.errors.allSatisfy { $0?.code == .connectionLost && $0?.isInDoubt == true })
        #expect(try await closed.wait(timeout: .seconds(10)).disposition == .reconnect)
        #expect(!redis.isOpen)
        let late = try await redis.failure("PING")
        #expect(late.code == .closed)
        #expect(!late.isInDoubt)
        try server.restart(keepingData: false)
        #expect(try await RedisConnection.connect(to: server).command("PING").text == "PONG")
    }

    @Loop @Test func aKilledServerIsNoticedWhenIdle() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let closed = Waiter<RedisError>()
        redis.onClosed = { closed.give($0) }
        server.kill()
        #expect(try await closed.wait(timeout: .seconds(10)).code == .connectionLost)
    }

    @Loop @Test func aFrozenServerTimesOut() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server, replyTimeout: .milliseconds(100))
        _ = try await redis.command("PING")
        server.freeze()
        let tally = Tally()
        let start = EventLoop.now
        let failures = outstanding(redis, 10, tally)
        try await tally.wait(for: 10)
        #expect(failures.errors.allSatisfy { $0?.code == .timedOut && $0?.isInDoubt == true })
        #expect(EventLoop.now - start >= 100_000_000)
        #expect(!redis.isOpen)
        server.thaw()
    }

    @Loop @Test func closingFailsWhatIsOutstanding() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let tally = Tally()
        let closed = Waiter<RedisError>()
        redis.onClosed = { closed.give($0) }
        let failures = outstanding(redis, 3, tally)
        redis.close()
        #expect(failures.errors.isEmpty, "nobody is called from within close")
        redis.close()
        try await tally.wait(for: 3)
        #expect(failures.errors.map { $0?.code } == [.closed, .closed, .closed])
        #expect(try await closed.wait(timeout: .seconds(10)).code == .closed)
        #expect(tally.count == 3)
    }

    @Loop @Test func lettingGoFailsWhatIsOutstanding() async throws {
        let server = try await startRedis()
        let tally = Tally()
        var redis: RedisConnection? = try await RedisConnection.connect(to: server)
        let failures = outstanding(try #require(redis), 3, tally)
        redis = nil
        try await tally.wait(for: 3)
        #expect(failures.errors.map { $0?.code } == [.closed, .closed, .closed])
    }

    @Loop @Test func aClosureMayCloseTheConnection() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let tally = Tally()
        var codes: [RedisError.Code?] = []
        for number in 0..<5 {
            redis.send(arguments: 1) {
                $0.append("PING")
            } reply: { reply in
                codes.append(reply.error?.code)
                if number == 1 { redis.close() }
                tally.add()
            }
        }
        try await tally.wait(for: 5)
        #expect(codes == [nil, nil, .closed, .closed, .closed])
    }

    @Loop @Test func repliesSentBeforeTheEndAreDelivered() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let tally = Tally()
        let failures = outstanding(redis, 5, tally)
        redis.send(arguments: 1) {
            $0.append("QUIT")
        } reply: {
            failures.errors.append($0.error); tally.add()
        }
        redis.send(arguments: 1) {
            $0.append("PING")
        } reply: {
            failures.errors.append($0.error); tally.add()
        }
        try await tally.wait(for: 7)
        #expect(failures.errors.map { $0?.code } == [nil, nil, nil, nil, nil, nil, .connectionLost])
    }

    @Loop @Test func aCancelledWaitIsInDoubt() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        server.freeze()
        let error = await withTaskGroup(of: RedisError?.self) { group in
            group.addTask {
                do throws(RedisError) {
                    _ = try await redis.command("PING")
                    return nil
                } catch { return error }
            }
            group.cancelAll()
            return await group.next() ?? nil
        }
        #expect(error?.code == .cancelled)
        server.thaw()
        #expect(try await redis.command("PING").text == "PONG", "the late reply goes where it belongs")
    }

    @Loop @Test func whatIsNotRESPEndsTheConnection() async throws {
        let server = try FakeServer(answering: "HTTP/1.1 400 Bad Request\r\n\r\n")
        await #expect { try await RedisConnection.connect(RedisSettings("unix://\(server.path)")) } throws: {
            ($0 as? RedisError)?.code == .protocolError
        }
    }

    @Loop @Test func anArrayThatAnnouncesTooMuchEndsTheConnection() async throws {
        let server = try FakeServer(answering: "*2147483647\r\n")
        await #expect { try await RedisConnection.connect(RedisSettings("unix://\(server.path)")) } throws: {
            ($0 as? RedisError)?.code == .protocolError && "\($0)".contains("larger than 67108864 bytes")
        }
    }

    @Loop @Test func anArrayThatGrowsAboveTheLimitEndsTheConnection() async throws {
        // Each element is taken out of the buffer as it comes, so that the buffer alone stays small.
        let server = try FakeServer(answering: "*300000\r\n" + String(repeating: ":1234567\r\n", count: 200_000))
        let address = try RedisSettings("unix://\(server.path)").address
        let settings = RedisSettings(address: address, replyLimit: 1 << 20)
        await #expect { try await RedisConnection.connect(settings) } throws: {
            ($0 as? RedisError)?.code == .protocolError && "\($0)".contains("larger than 1048576 bytes")
        }
    }

    @Loop @Test func aReplyAboveTheLimitEndsTheConnection() async throws {
        let server = try await startRedis()
        var settings = try RedisSettings(server.url)
        settings.replyLimit = 1 << 20
        let redis = try await RedisConnection.connect(settings)
        _ = try await redis.command("SETRANGE", "k", "5000000", "x")
        #expect(try await redis.failure("GET", "k").code == .protocolError)
        #expect(!redis.isOpen)
    }
}
