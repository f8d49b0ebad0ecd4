import Reactor
public import Testing

/// Runs a test as the daemon's tasks run: with the loop as its preferred executor.
///
/// Without the preference every call between two functions of the loop is an enqueue and a turn of its own.
public struct OnLoop: TestTrait, SuiteTrait, TestScoping {
    /// It holds for every test of a suite.
    public var isRecursive: Bool { true }

    /// Runs one test case on the loop.
    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        LoopThread.started
        try await withTaskExecutorPreference(EventLoop.shared) { try await function() }
    }
}

extension Trait where Self == OnLoop {
    /// Runs on the loop.
    public static var onLoop: OnLoop { OnLoop() }
}
