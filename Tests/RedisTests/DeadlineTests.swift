import Glibc
import Reactor
import Redis
import TestServers
import TestSupport
import Testing

/// In a process of its own, for other tests keep the loop busy for longer than a deadline.
@Suite struct DeadlineTests {
    @Test func aSlowServerThatAnswersIsLeftAlone() async {
        await #expect(processExitsWith: .success) {
            LoopThread.started
            let server = try await startRedis()
            let failed = try await withTaskExecutorPreference(EventLoop.shared) { try await failures(server) }
            #expect(failed == 0)
        }
    }

    @Test func aLoopThatStoodStillIsNotTheServersFault() async {
        await #expect(processExitsWith: .success) {
            LoopThread.started
            let server = try await startRedis()
            try await withTaskExecutorPreference(EventLoop.shared) { try await standStill(server) }
        }
    }
}

/// Holds the loop for longer than the deadline while the answer is on its way, ten times.
@Loop private func standStill(_ server: RedisServer) async throws {
    let redis = try await RedisConnection.connect(to: server, replyTimeout: .milliseconds(40))
    for _ in 0..<10 {
        let answered = Waiter<Bool>()
        redis.send(arguments: 1) {
            $0.append("PING")
        } reply: {
            answered.give($0.error == nil)
        }
        redis.flush()
        poll(nil, 0, 60)
        #expect(try await answered.wait(timeout: .seconds(10)))
    }
}

/// Sends ten commands that take 150 ms each: each is in time, all together are not. Tells how many failed.
@Loop private func failures(_ server: RedisServer) async throws -> Int {
    let redis = try await RedisConnection.connect(to: server, replyTimeout: .seconds(1))
    let tally = Tally()
    var failed = 0
    // A large argument keeps the server from reading, and then answering, several at once.
    let padding = [UInt8](repeating: 0, count: 1 << 20)
    for _ in 0..<10 {
        redis.send(arguments: 4) { writer in
            writer.append("EVAL")
            writer.append(slow)
            writer.append(0)
            writer.append(padding)
        } reply: { reply in
            if reply.error != nil { failed += 1 }
            tally.add()
        }
    }
    try await tally.wait(for: 10)
    return failed
}

private let slow = """
    local function now() local t = redis.call('TIME') return t[1] * 1000000 + t[2] end
    local from = now()
    while now() < from + 150000 do end
    return 1
    """
