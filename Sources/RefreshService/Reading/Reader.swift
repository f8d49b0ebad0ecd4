import Logging
import Postgres
import Reactor
import Redis
import RefreshCore

/// Gives readers values: from the cache, or, where it has none, by the query, which is run once for all who ask.
///
/// A value that is made goes the way of every refresh and is stored. While that can not be, for Redis is away or
/// another instance owns, the query is run for the readers alone.
@Loop
final class Reader {
    private let dispatcher: Dispatcher
    private let link: RedisLink
    private let side: SideLink
    private let direct: DirectReads
    private let renewals: Renewals
    /// Values that are made now.
    private var fills: [CacheKey: Fill] = [:]
    /// For how long Redis is waited for when there is another way.
    private static let patience = Duration.milliseconds(250)

    init(_ dispatcher: Dispatcher, _ link: RedisLink, _ side: SideLink, _ direct: DirectReads) {
        self.dispatcher = dispatcher
        self.link = link
        self.side = side
        self.direct = direct
        renewals = Renewals(dispatcher)
    }

    /// Finds the value of a key, or makes it; `answer` is called once.
    func read(
        _ wanted: CacheKey, _ maker: (query: QueryID, parameters: Bytes)?, within limit: Duration,
        _ answer: @escaping (ReadOutcome) -> Void
    ) {
        let reading = Reading(wanted, maker, within: limit) { [dispatcher] outcome in
            dispatcher.counters.reads[wanted.region.index][outcome.name, default: 0] += 1
            answer(outcome)
        }
        if let fill = fills[wanted] { return fill.readings.append(reading) }
        look(reading)
    }

    private func look(_ reading: Reading) {
        let timer = TimerSource { [weak self] in self?.looked(reading, nil) }
        timer.arm(after: Self.patience)
        let renewal = renewals.lookBegins(reading.wanted)
        ask(reading.wanted) { [weak self] found in
            timer.disarm()
            self?.looked(reading, found)
            self?.renewals.lookEnds(renewal)
        }
    }

    private func looked(_ reading: Reading, _ found: Found?) {
        if reading.hasLooked { return }
        reading.hasLooked = true
        switch found {
        case .value(let bytes, isStale: false): return reading.end(.hit(bytes))
        case .value(let bytes, isStale: true):
            renewals.renew(reading.wanted)
            return reading.end(.stale(bytes))
        case .nothing, nil: break
        }
        if let fill = fills[reading.wanted] { return fill.readings.append(reading) }
        let wanted = reading.wanted
        guard let maker = reading.maker else {
            return reading.end(.unknown)
        }
        let fill = Fill(wanted, maker.query, maker.parameters, for: reading)
        fills[wanted] = fill
        if found != nil, canStore { store(fill) } else { compute(fill) }
    }

    private var canStore: Bool { dispatcher.keeper.role == .owner && link.isWritable }

    private func store(_ fill: Fill) {
        dispatcher.call { event in
            dispatcher.keeper.queue.refreshNow(
                fill.query, key: fill.wanted.key, parameters: fill.parameters, event: event, at: .now)
        } then: { [weak self] in
            self?.stored(fill)
        }
        let timer = TimerSource { [weak self] in self?.lookAgain(fill) }
        timer.arm(after: Self.patience)
        fill.timer = timer
    }

    /// A value that can not be stored any more is made for its readers alone.
    private func lookAgain(_ fill: Fill) {
        if canStore { fill.timer?.arm(after: Self.patience) } else { compute(fill) }
    }

    private func stored(_ fill: Fill) {
        fill.timer?.disarm()
        if fill.isDirect { return }
        if let fault = dispatcher.keeper.queue.fault(of: fill.wanted.key, in: fill.wanted.region) {
            return end(fill, .failed(fault))
        }
        ask(fill.wanted) { [weak self] found in
            switch found {
            case .value(let bytes, _): self?.end(fill, .created(bytes))
            case .nothing: self?.end(fill, .missing)
            case nil: self?.compute(fill)
            }
        }
    }

    private func compute(_ fill: Fill) {
        if fill.isDirect { return }
        fill.isDirect = true
        fill.timer?.disarm()
        direct.compute(fill) { [weak self] outcome in self?.end(fill, outcome) }
    }

    private func end(_ fill: Fill, _ outcome: ReadOutcome) {
        guard fills[fill.wanted] === fill else { return }
        fills[fill.wanted] = nil
        for reading in fill.readings { reading.end(outcome) }
    }

    // MARK: Redis

    /// What Redis has under a key.
    private enum Found {
        case value([UInt8], isStale: Bool)
        case nothing
    }

    /// Asks Redis for a value, as its region's readers are to get it; nil when that could not be.
    private func ask(_ wanted: CacheKey, then: @escaping (Found?) -> Void) {
        guard let region = dispatcher.catalogue.regions[wanted.region.index] else { return then(nil) }
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
            switch answer {
            case nil: then(nil)
            case .bytes(let bytes):
                let isStale = region.isStale(bytes, left: left)
                then(.value(ReadForm.bare(bytes, region.format), isStale: isStale))
            case .array(let fields) where !fields.isEmpty:
                then(.value(ReadForm.object(fields), isStale: region.isStale([], left: left)))
            default: then(.nothing)
            }
        }
    }
}

extension Region {
    /// Whether a value is stale, by its bytes or by what is left of its expiry in milliseconds, as `PTTL` tells it.
    fileprivate func isStale(_ value: [UInt8], left: Int64?) -> Bool {
        guard let freshness, let clock else { return false }
        switch clock {
        case .metadata:
            return freshness.isStale(
                ValueAge.age(head: Array(value.prefix(ValueAge.headBytes)), clock: WallClock.microseconds))
        case .expiry(let ttl):
            // What was not there a moment ago was written since.
            guard let left, left != -2 else { return false }
            return freshness.isStale(ValueAge.age(ttlMilliseconds: ttl, left: left))
        }
    }
}
