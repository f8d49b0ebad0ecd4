extension EventLoop {
    /// Runs `body` on the loop, soon, from any thread; calls from one thread keep their order.
    public nonisolated func perform(_ body: @escaping @Loop @Sendable () -> Void) {
        // A task and not a queue of closures, so that there is one way onto the loop; it never suspends.
        Task(executorPreference: self) { await Loop.run(body) }
    }
}

extension Loop {
    fileprivate static func run(_ body: @Loop @Sendable () -> Void) async { await body() }

    /// Waits for `duration` without leaving the loop, or until the task is cancelled.
    @Loop
    public static func sleep(for duration: Duration) async throws(WaitError) {
        do {
            try await Waiter<Void>().wait(timeout: duration)
        } catch .timedOut {}
    }
}
