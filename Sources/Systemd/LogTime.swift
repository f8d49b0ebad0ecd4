import Glibc

/// A moment of the wall clock, written as `2026-11-21T03:00:00.123Z`.
struct LogTime: CustomStringConvertible {
    private let seconds: Int
    private let milliseconds: Int

    static var now: LogTime {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    init(seconds: Int, milliseconds: Int) {
        self.seconds = seconds
        self.milliseconds = milliseconds
    }

    var description: String {
        var parts = unsafe tm()
        var seconds = time_t(seconds)
        unsafe gmtime_r(&seconds, &parts)
        let date = unsafe "\(Int(parts.tm_year) + 1_900)-\(Self.two(parts.tm_mon + 1))-\(Self.two(parts.tm_mday))"
        let time = unsafe "\(Self.two(parts.tm_hour)):\(Self.two(parts.tm_min)):\(Self.two(parts.tm_sec))"
        let fraction = String(milliseconds + 1_000).dropFirst()
        return "\(date)T\(time).\(fraction)Z"
    }

    private static func two(_ value: Int32) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
