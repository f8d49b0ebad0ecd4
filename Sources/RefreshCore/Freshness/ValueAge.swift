/// How old values are, by what Redis knows of them alone: so their ages survive a restart of the daemon.
public enum ValueAge {
    /// How much of a dogpile.cache value is read to find its metadata.
    public static let headBytes = 512

    /// The age of a value that was written with an expiry of `ttl`, of which so much is left.
    ///
    /// - Parameter left: the answer of `PTTL`, in milliseconds. Nil is returned for a key without expiry, which this
    ///   daemon has not written.
    public static func age(ttlMilliseconds ttl: Int64, left: Int64) -> Moment.Span? {
        left < 0 ? nil : .milliseconds(max(0, ttl - left))
    }

    /// The age of a value by dogpile.cache's metadata, at its beginning; nil when there are none that say it.
    ///
    /// - Parameter clock: microseconds since 1970. Readers of such values compare it with the same clock.
    public static func age(head: [UInt8], clock: Int64) -> Moment.Span? {
        guard let made = made(head) else { return nil }
        let microseconds = Double(clock) - made * 1e6
        // A time of making that is none, such as 1, makes a value as old as can be.
        return .milliseconds(Int64(min(max(0, microseconds / 1000), 3e11)))
    }

    /// The number behind `"ct":` before the first bar.
    private static func made(_ head: [UInt8]) -> Double? {
        guard let bar = head.firstIndex(of: UInt8(ascii: "|")) else { return nil }
        let mark = Array("\"ct\"".utf8)
        var place = 0
        while place + mark.count <= bar, head[place..<place + mark.count] != mark[...] { place += 1 }
        let rest = head[min(place + mark.count, bar)..<bar].drop { " \t:".utf8.contains($0) }
        let number = rest.prefix { "+-.eE0123456789".utf8.contains($0) }
        guard let value = Double(String(decoding: number, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }
}

extension Region {
    /// What tells the age of a value.
    public enum Clock: Sendable, Equatable {
        /// What is left of the expiry, of so many milliseconds, that it was written with.
        case expiry(Int64)
        /// The time of making in its own metadata.
        case metadata
    }

    /// What tells the age of a value that is read anyway; nil when nothing does.
    public var clock: Clock? { format == .dogpile ? .metadata : ttlMilliseconds.map { .expiry($0) } }

    /// What tells the age of a value that is to be left untouched, where reading it would count as a read.
    public var untouchedClock: Clock? {
        if freshness?.keep == .whileRead, let ttlMilliseconds { return .expiry(ttlMilliseconds) }
        return clock
    }

    /// Whether a value is stale that was just read.
    ///
    /// - Parameters:
    ///   - left: what `PTTL` told of it shortly before, in milliseconds; nil when it was not asked for.
    ///   - clock: microseconds since 1970.
    public func isStale(_ value: [UInt8], left: Int64?, clock now: Int64) -> Bool {
        guard let freshness, let clock else { return false }
        switch clock {
        case .metadata:
            return freshness.isStale(ValueAge.age(head: Array(value.prefix(ValueAge.headBytes)), clock: now))
        case .expiry(let ttl):
            // What was not there a moment ago was written since.
            guard let left, left != -2 else { return false }
            return freshness.isStale(ValueAge.age(ttlMilliseconds: ttl, left: left))
        }
    }
}
