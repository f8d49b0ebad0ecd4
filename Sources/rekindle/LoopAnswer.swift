import Reactor

extension EventLoop {
    /// Runs the loop on the calling thread until `body` has an answer; nil when the loop could not be run that far.
    func answer<Value: Sendable>(_ body: @escaping @Sendable @Loop () async -> Value) -> Value? {
        let left = LoopAnswer<Value>()
        _ = run {
            left.value = await body()
            return 0
        }
        return left.value
    }
}

/// Where the loop leaves an answer; the loop runs on the very thread that reads it afterwards.
private final class LoopAnswer<Value>: @unchecked Sendable {
    var value: Value?
}
