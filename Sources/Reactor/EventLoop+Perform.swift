extension EventLoop {
    /// Runs `body` on the loop, soon, from any thread; calls from one thread keep their order.
    public nonisolated func perform(_ body: @escaping @Loop @Sendable () -> Void) {
        // A task costs as much as all else that a single event does on the loop: only other threads need one.
        if isCurrent { return performSoon(body) }
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
