import Reactor
import Redis
import RefreshCore

/// Asks Redis for values, as their regions' readers are to get them.
@Loop
struct CacheLooks {
    private let dispatcher: Dispatcher
    private let side: SideLink

    init(_ dispatcher: Dispatcher, _ side: SideLink) {
        self.dispatcher = dispatcher
        self.side = side
    }

    /// Asks for a value; `then` is called once.
    func ask(_ wanted: CacheKey, then: @escaping (CacheAnswer) -> Void) {
        guard let region = dispatcher.catalogue.regions[wanted.region.index] else { return then(.away) }
        let key = Array(region.prefix.utf8) + wanted.key.array
        // Its age is asked for first: a value that is written in between is then taken for older, and never for younger.
        var left: Int64?
        if region.freshness != nil, case .expiry = region.clock {
            side.ask(arguments: [Array("PTTL".utf8), key]) { answer in
                if case .integer(let milliseconds) = answer { left = milliseconds }
            }
        }
        let command = region.format == .hash ? "HGETALL" : "GET"
        side.ask(arguments: [Array(command.utf8), key]) { answer in
            let now = WallClock.microseconds
            switch answer {
            case nil: then(.away)
            case .bytes(let bytes):
                let isStale = region.isStale(bytes, left: left, clock: now)
                then(.value(ReadForm.bare(bytes, region.format), isStale: isStale))
            case .array(let fields) where !fields.isEmpty:
                then(.value(ReadForm.object(fields), isStale: region.isStale([], left: left, clock: now)))
            default: then(.nothing)
            }
        }
    }
}
