import Glibc
import Reactor

/// Runs the loop on a thread of its own for as long as the test process lives.
public enum LoopThread {
    /// Starts it once.
    public static let started: Void = {
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { _ in
                _ = EventLoop.shared.run { await forever() }
                return nil
            }, nil)
    }()

    // Held here, so that LeakSanitizer finds the task that waits.
    @Loop private static let end = Waiter<Void>()

    @Loop private static func forever() async -> Int32 {
        _ = try? await end.wait()
        return 0
    }
}
