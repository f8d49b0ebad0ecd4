import Dispatch
import Reactor
import Redis
import TestServers

/// Starts a server, away from the loop, which starting would hold up.
func startRedis(_ options: RedisServer.Options = .init()) async throws -> RedisServer {
    try await withCheckedThrowingContinuation { waiting in
        DispatchQueue.global().async { waiting.resume(with: Result { try RedisServer.start(options) }) }
    }
}

extension RedisSettings {
    /// Settings for a test's server, with a bound that only a defect reaches.
    init(_ url: String, replyTimeout: Duration = .seconds(30), sendBuffer: Int32? = nil) throws {
        self.init(address: try RedisAddress(url), replyTimeout: replyTimeout, sendBufferSize: sendBuffer)
    }
}

extension RedisConnection {
    /// Connects to a test's server.
    static func connect(
        to server: RedisServer, replyTimeout: Duration = .seconds(30), sendBuffer: Int32? = nil
    ) async throws -> RedisConnection {
        try await connect(try RedisSettings(server.url, replyTimeout: replyTimeout, sendBuffer: sendBuffer))
    }

    /// Sends a command that must fail, and returns its error.
    func failure(_ arguments: String...) async throws -> RedisError {
        let value: RedisValue
        do throws(RedisError) { value = try await command(arguments) } catch { return error }
        throw UnexpectedSuccess(value: value)
    }
}

/// A command that had to fail did not.
struct UnexpectedSuccess: Error { let value: RedisValue }

/// Counts events and wakes the test when as many as it waits for have come.
@Loop final class Tally {
    private(set) var count = 0
    private var target = 0
    private let reached = Waiter<Void>()

    func add() {
        count += 1
        if target > 0, count >= target { reached.give(()) }
    }

    func wait(for number: Int) async throws {
        target = number
        if count < number { try await reached.wait(timeout: .seconds(60)) }
    }
}
