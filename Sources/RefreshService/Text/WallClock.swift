import Glibc

/// The wall clock: for people and for readers of values; the daemon itself decides by the monotonic clock.
enum WallClock {
    /// Microseconds since 1970.
    static var microseconds: Int64 {
        // By its two words: from which module the names of its fields come depends, for the compiler, on what other files
        // it compiles together with this one.
        unsafe withUnsafeTemporaryAllocation(of: timespec.self, capacity: 1) { time in
            guard let place = time.baseAddress, unsafe clock_gettime(CLOCK_REALTIME, place) == 0 else { return 0 }
            return unsafe UnsafeRawPointer(place).withMemoryRebound(to: Int.self, capacity: 2) { words in
                unsafe Int64(words[0]) * 1_000_000 + Int64(words[1]) / 1000
            }
        }
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
