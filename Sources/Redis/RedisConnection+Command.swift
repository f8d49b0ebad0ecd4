import Reactor

extension RedisConnection {
    /// Sends a command given as text and waits for a copy of its reply; for cold paths.
    ///
    /// Throws what the server answered, how the connection ended, or `cancelled`; the last two may be in doubt.
    public func command(_ arguments: String...) async throws(RedisError) -> RedisValue {
        try await command(arguments)
    }

    /// Sends a command given as text and waits for a copy of its reply; for cold paths.
    public func command(_ arguments: [String]) async throws(RedisError) -> RedisValue {
        try await command(arguments: arguments.count) { writer in
            for argument in arguments { writer.append(argument) }
        }
    }

    /// Sends a command of any bytes and waits for a copy of its reply; for cold paths.
    public func command(_ arguments: [[UInt8]]) async throws(RedisError) -> RedisValue {
        try await command(arguments: arguments.count) { writer in
            for argument in arguments { writer.append(argument) }
        }
    }

    /// Sends a command that `write` appends, as in `send`, and waits for a copy of its reply.
    public func command(
        arguments count: Int, _ write: (inout CommandWriter) -> Void
    ) async throws(RedisError) -> RedisValue {
        let waiter = Waiter<Result<RedisValue, RedisError>>()
        send(arguments: count, write) { reply in
            do throws(RedisError) {
                waiter.give(.success(try reply.value()))
            } catch {
                waiter.give(.failure(error))
            }
        }
        let result: Result<RedisValue, RedisError>
        do throws(WaitError) {
            result = try await waiter.wait()
        } catch {
            throw RedisError(.cancelled, at: place, inDoubt: true)
        }
        return try result.get()
    }
}
