/// The isolation of everything that runs on the event loop.
///
/// Components that share it call each other synchronously; `await` stands only where something really waits.
@globalActor
public actor Loop {
    /// The actor itself; it has no state.
    public static let shared = Loop()

    /// The actor itself; it has no state.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe EventLoop.shared.asUnownedSerialExecutor() }

    /// Runs `body` at once, for code that the loop itself calls and that the compiler cannot know to be isolated.
    ///
    /// Traps when the calling thread is not the loop's: that is a mistake of the program, never of its input.
    public static func assumeIsolated<Result>(_ body: @Loop () throws -> Result) rethrows -> Result {
        EventLoop.shared.checkIsolated()
        // The thread was checked above; the cast only drops the isolation from the type.
        return try withoutActuallyEscaping(body) { isolated in
            try unsafe unsafeBitCast(isolated, to: (() throws -> Result).self)()
        }
    }
}
