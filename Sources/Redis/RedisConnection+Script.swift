import Reactor

extension RedisConnection {
    /// Gives the server a script, and learns its digest from the answer.
    public func load(_ script: RedisScript) async throws(RedisError) {
        let answer = try await command("SCRIPT", "LOAD", script.source)
        guard let digest = answer.bytes, digest.count == 40 else {
            throw RedisError(.unexpectedReply, at: place, "SCRIPT LOAD gave no digest")
        }
        script.digest = digest
    }

    /// Calls a script with `keyCount` keys and `argumentCount` arguments, which `write` appends in this order.
    ///
    /// A server that lost the script, or never had it, answers with an error of kind `noScript`, and nothing was done:
    /// `load` it and call again. The rest is as in `send(arguments:_:reply:)`.
    public func send(
        script: RedisScript, keys keyCount: Int, arguments argumentCount: Int,
        _ write: (inout CommandWriter) -> Void, reply: @escaping ReplyClosure
    ) {
        // A digest that no script has gets the same answer as one that is not loaded.
        let digest = script.digest ?? Self.noDigest
        send(
            arguments: 3 + keyCount + argumentCount,
            { writer in
                writer.append("EVALSHA")
                writer.append(digest)
                writer.append(keyCount)
                write(&writer)
            }, reply: reply)
    }

    /// Calls a script and waits for a copy of its reply; loads it, once, when the server does not hold it.
    public func evaluate(
        _ script: RedisScript, keys: [String] = [], arguments: [String] = []
    ) async throws(RedisError) -> RedisValue {
        if script.digest == nil { try await load(script) }
        do throws(RedisError) {
            return try await call(script, keys, arguments)
        } catch {
            guard error.kind == .noScript else { throw error }
            try await load(script)
            return try await call(script, keys, arguments)
        }
    }

    private func call(
        _ script: RedisScript, _ keys: [String], _ arguments: [String]
    ) async throws(RedisError) -> RedisValue {
        let digest = script.digest ?? Self.noDigest
        return try await command(arguments: 3 + keys.count + arguments.count) { writer in
            writer.append("EVALSHA")
            writer.append(digest)
            writer.append(keys.count)
            for key in keys { writer.append(key) }
            for argument in arguments { writer.append(argument) }
        }
    }

    private static let noDigest = [UInt8](repeating: UInt8(ascii: "0"), count: 40)
}
