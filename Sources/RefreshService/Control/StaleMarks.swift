import Reactor
import Redis
import RefreshCore

/// Marks dogpile.cache's values as stale, for the readers' own clocks: keys by their metadata, regions by a mark that
/// every process can read.
@Loop
final class StaleMarks {
    private let dispatcher: Dispatcher
    private let side: SideLink

    /// Gives a value the oldest time of making that is one, and leaves payload, other metadata and expiry as they are.
    private static let soften = """
        local value = redis.call('GET', KEYS[1])
        local bar = value and string.find(value, '|', 1, true)
        if not bar then return 0 end
        local head, count = string.gsub(string.sub(value, 1, bar - 1), '("ct"%s*:%s*)[-+%d%.eE]+', '%11', 1)
        if count == 1 then redis.call('SET', KEYS[1], head .. string.sub(value, bar), 'KEEPTTL') end
        return count
        """

    /// Notes when a region was invalidated, by Redis' clock, in seconds since 1970; never an earlier time than is held.
    private static let markRegion = """
        local now = redis.call('TIME')
        local held = redis.call('HGET', KEYS[1], ARGV[1])
        if not held or tonumber(held) < tonumber(now[1]) + tonumber(now[2]) / 1000000 then
          redis.call('HSET', KEYS[1], ARGV[1], string.format('%d.%06d', now[1], now[2]))
        end
        return 1
        """

    init(_ dispatcher: Dispatcher, _ side: SideLink) {
        self.dispatcher = dispatcher
        self.side = side
    }

    /// Marks keys; tells whether Redis was asked.
    func mark(_ keys: [Bytes], in region: RegionID, then: @escaping (Bool) -> Void) {
        guard let prefix = dispatcher.catalogue.regions[region.index]?.prefix.utf8 else { return then(false) }
        var left = keys.count
        var isAsked = true
        for key in keys {
            evaluate(Self.soften, [Array(prefix) + key.array], []) { answer in
                if answer == nil { isAsked = false }
                left -= 1
                if left == 0 { then(isAsked) }
            }
        }
    }

    /// Marks a whole region, hard or soft; only regions of dogpile.cache have readers that look.
    func markRegion(_ region: RegionID, hard: Bool, then: @escaping (Bool) -> Void) {
        guard let known = dispatcher.catalogue.regions[region.index], known.format == .dogpile else {
            return then(true)
        }
        let key = Array("rekindle:invalidated:\(known.prefix)".utf8)
        evaluate(Self.markRegion, [key], [Array((hard ? "hard" : "soft").utf8)]) { then($0 != nil) }
    }

    private func evaluate(
        _ script: String, _ keys: [[UInt8]], _ arguments: [[UInt8]], then: @escaping (RedisValue?) -> Void
    ) {
        let words = [Array("EVAL".utf8), Array(script.utf8), Array("\(keys.count)".utf8)] + keys + arguments
        side.ask(arguments: words, then: then)
    }
}
