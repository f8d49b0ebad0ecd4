import CSystemd

/// The manager's demand to hear from the service within an interval.
public struct Watchdog: Sendable, Equatable {
    /// The service is killed when it says nothing for this long.
    public let timeout: Duration

    /// How often to say something: half of the timeout, as the manual asks.
    public var period: Duration { timeout / 2 }

    /// Reads `WATCHDOG_USEC` and `WATCHDOG_PID`: nil when no watchdog is set, or not for this process.
    public init?() {
        var microseconds: UInt64 = 0
        guard unsafe sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        timeout = .microseconds(Int64(clamping: microseconds))
    }
}
