import CSystemdEvent
import Glibc

/// Turns a signal into a call on the loop.
///
/// The signal is blocked in the calling thread; make the sources before other threads start, which inherit that.
@Loop
@safe public final class SignalSource {
    private var source: OpaquePointer?
    private let fire: @Loop () -> Void

    /// Starts to watch for `signal`.
    public init(_ signal: Int32, _ fire: @escaping @Loop () -> Void) throws(ReactorError) {
        self.fire = fire
        var set = sigset_t()
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, signal)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let result = unsafe sd_event_add_signal(
            EventLoop.shared.event, &source, signal, signalArrived, Unmanaged.passUnretained(self).toOpaque())
        try ReactorError.check(result, "sd_event_add_signal")
    }

    /// Stops watching; the signal stays blocked.
    public func cancel() {
        unsafe sd_event_source_disable_unref(source)
        unsafe source = nil
    }

    isolated deinit { cancel() }

    fileprivate func arrived() { fire() }
}

private func signalArrived(
    _: OpaquePointer?, _: UnsafePointer<signalfd_siginfo>?, userdata: UnsafeMutableRawPointer?
) -> Int32 {
    guard let userdata = unsafe userdata else { return 0 }
    let source = unsafe Unmanaged<SignalSource>.fromOpaque(userdata).takeUnretainedValue()
    Loop.assumeIsolated { source.arrived() }
    return 0
}
