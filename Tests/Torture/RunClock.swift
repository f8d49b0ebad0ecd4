import Glibc

/// Seconds since the run began, by the monotonic clock; the time of every record.
enum RunClock {
    private static let start = ContinuousClock.now

    /// Begins to count, by the first call.
    static func begin() { _ = start }

    /// Seconds since the beginning.
    static var now: Double {
        let time = (ContinuousClock.now - start).components
        return Double(time.seconds) + Double(time.attoseconds) / 1e18
    }

    /// Waits until a time of the run.
    static func wait(until time: Double) {
        while case let left = time - now, left > 0 { usleep(UInt32(min(left, 0.1) * 1e6) + 1) }
    }

    /// A time for people: seconds with three places.
    static func text(_ time: Double) -> String {
        let thousandths = Int((time * 1000).rounded())
        let part = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - part.count) + part
    }
}
