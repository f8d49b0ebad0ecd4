import Glibc

/// The wall clock: for people and for readers of values; the daemon itself decides by the monotonic clock.
enum WallClock {
    /// Microseconds since 1970.
    static var microseconds: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// A time in UTC by RFC 3339 with milliseconds, such as `2026-11-21T03:00:00.123Z`.
    static func text(microseconds: Int64) -> String {
        var seconds = time_t(microseconds / 1_000_000)
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = String(microseconds / 1000 % 1000)
        let padded = String(repeating: "0", count: 3 - milliseconds.count) + milliseconds
        return unsafe "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded)Z"
    }
}
