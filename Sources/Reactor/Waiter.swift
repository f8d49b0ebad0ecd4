/// Why a wait ended without what was waited for.
public enum WaitError: Error, Equatable {
    case timedOut
    case cancelled
}

/// Where one task at a time waits for one thing to happen.
///
/// A value given while nobody waits is kept for the next wait, and replaces one kept before.
///
/// Inlinable, so that the code is made for each type of value where it is used: made for all of them at once it looks
/// types up as it runs, tens of times a wait.
@Loop
public final class Waiter<Value: Sendable> {
    @usableFromInline var continuation: CheckedContinuation<Result<Value, WaitError>, Never>?
    @usableFromInline var kept: Value?
    @usableFromInline lazy var timer = TimerSource { [unowned self] in end(.failure(.timedOut)) }

    /// A place where nobody waits and nothing is kept.
    @inlinable
    public init() {}

    /// Whether a task waits now.
    @inlinable
    public var isWaiting: Bool { continuation != nil }

    /// Waits for `give`, for `timeout` to pass or for the task to be cancelled. Only one task may wait.
    @inlinable
    public func wait(timeout: Duration? = nil) async throws(WaitError) -> Value {
        if let value = takeKept() { return value }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiting: CheckedContinuation<Result<Value, WaitError>, Never>) in
                precondition(continuation == nil, "two tasks wait in one place")
                // A task that does not prefer the loop's executor may have let others in before this point.
                if let value = takeKept() {
                    waiting.resume(returning: .success(value))
                } else if Task.isCancelled {
                    waiting.resume(returning: .failure(.cancelled))
                } else {
                    continuation = waiting
                    if let timeout { timer.arm(after: timeout) }
                }
            }
        } onCancel: {
            // Cancellation comes from the loop's own tasks, so that this is on its thread; elsewhere it is sent there.
            if EventLoop.shared.isCurrent {
                Loop.assumeIsolated { end(.failure(.cancelled)) }
            } else {
                EventLoop.shared.perform { self.end(.failure(.cancelled)) }
            }
        }
        timer.disarm()
        return try result.get()
    }

    /// Wakes the task that waits, or keeps the value for the next that does.
    @inlinable
    public func give(_ value: Value) {
        if continuation == nil { kept = value } else { end(.success(value)) }
    }

    /// Forgets a value that nobody waited for.
    @inlinable
    public func clear() { kept = nil }

    @inlinable
    func takeKept() -> Value? {
        defer { kept = nil }
        return kept
    }

    @inlinable
    func end(_ result: Result<Value, WaitError>) {
        guard let waiting = continuation else { return }
        continuation = nil
        waiting.resume(returning: result)
    }
}
