import CSystemdEvent

/// A one-shot timer on the monotonic clock that can be armed any number of times.
///
/// Arming later than it is armed costs nothing: the timer wakes at the earlier time, sees that it is not due
/// and sets itself again. So a deadline per request is free for all requests but the last.
@Loop
@safe public final class TimerSource {
    private var source: OpaquePointer?
    private let fire: @Loop () -> Void
    /// When to fire, and when the kernel wakes us, in nanoseconds of the monotonic clock.
    private var due: Int64?
    private var wake: Int64?

    /// Makes a timer that is not armed; `fire` is called on the loop.
    public init(_ fire: @escaping @Loop () -> Void) { self.fire = fire }

    /// Arms it to fire at `time` (nanoseconds of `EventLoop.now`), in place of what it was armed for.
    public func arm(at time: Int64) {
        due = time
        if let wake, wake <= time { return }
        setWake(time)
    }

    /// Arms it to fire after `delay`.
    public func arm(after delay: Duration) {
        let (time, overflow) = EventLoop.now.addingReportingOverflow(delay.nanoseconds)
        arm(at: overflow ? .max : time)
    }

    /// Disarms it; the kernel may still wake the loop once for nothing.
    public func disarm() { due = nil }

    /// Disarms it and takes it off the loop, so that it wakes nobody.
    public func cancel() {
        due = nil
        wake = nil
        unsafe sd_event_source_disable_unref(source)
        unsafe source = nil
    }

    isolated deinit { cancel() }

    private func setWake(_ time: Int64) {
        wake = time
        let microseconds = UInt64(max(0, time) / 1000) + 1
        if let source = unsafe source {
            unsafe sd_event_source_set_time(source, microseconds)
            unsafe sd_event_source_set_enabled(source, Int32(SD_EVENT_ONESHOT))
        } else {
            unsafe sd_event_add_time(
                EventLoop.shared.event, &source, CLOCK_MONOTONIC, microseconds, 1000, timerFired,
                Unmanaged.passUnretained(self).toOpaque())
        }
    }

    fileprivate func woke() {
        wake = nil
        guard let due else { return }
        if due > EventLoop.now { return setWake(due) }
        self.due = nil
        fire()
    }
}

private func timerFired(_: OpaquePointer?, _: UInt64, userdata: UnsafeMutableRawPointer?) -> Int32 {
    guard let userdata = unsafe userdata else { return 0 }
    let timer = unsafe Unmanaged<TimerSource>.fromOpaque(userdata).takeUnretainedValue()
    Loop.assumeIsolated { timer.woke() }
    return 0
}

extension Duration {
    /// The duration in nanoseconds, clamped to what 64 bits hold.
    public var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : whole &+ attoseconds / 1_000_000_000
    }
}
