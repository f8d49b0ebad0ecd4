import Logging
import Reactor
import Redis
import RefreshCore

/// Refreshes values shortly before they are stale, of all regions whose soft clock asks for it.
///
/// Its walks take turns on a connection of their own. Only the owner refreshes, and only while nothing else waits.
@Loop
final class RefreshAhead {
    private let dispatcher: Dispatcher
    private let link: RedisLink
    private let probe: SideLink
    private let logger: Logger
    /// The walk of each region that has one, by the region's number.
    private(set) var walks: [AheadWalk?] = []
    private let changed = Waiter<Void>()
    /// What tells of reads in this server.
    private(set) var sign = KeyProbe.ReadSign.idleTime
    /// Reads by the daemon of values whose readers count.
    var ownReads = OwnReads()
    private var turn = 0
    /// For how long a walk is left alone that can not go on.
    private static let pause = Moment.Span.seconds(1)

    init(_ dispatcher: Dispatcher, _ link: RedisLink, _ probe: SideLink, _ logger: Logger) {
        self.dispatcher = dispatcher
        self.link = link
        self.probe = probe
        self.logger = logger
        adopt(dispatcher.catalogue)
    }

    /// Takes up another registry; walks whose clocks are the same go on.
    func adopt(_ catalogue: Catalogue) {
        while walks.count < catalogue.regions.count { walks.append(nil) }
        for (index, region) in catalogue.regions.enumerated() {
            let wanted = region?.freshness.flatMap { $0.ahead.nanoseconds > 0 ? $0 : nil }
            if walks[index]?.freshness != wanted { walks[index] = wanted.map { AheadWalk($0, at: .now) } }
        }
        changed.give(())
    }

    /// Walks, until the task is cancelled; without a region that asks for it, it sleeps.
    func run() async {
        while !Task.isCancelled {
            do {
                if let (region, step) = nextStep() {
                    try await take(step, region)
                } else {
                    let wake = walks.compactMap { walk -> Moment? in
                        if case .wait(let until) = walk?.next(at: .now) { until } else { nil }
                    }.min()
                    try await pause(until: wake)
                }
            } catch { return }
        }
    }

    private func pause(until wake: Moment?) async throws(WaitError) {
        let length = wake.map { max(.milliseconds(1), Duration($0 - .now)) }
        do { try await changed.wait(timeout: length) } catch .timedOut {}
    }

    /// The next step of the walk whose turn it is.
    private func nextStep() -> (RegionID, AheadWalk.Step)? {
        for offset in walks.indices {
            let index = (turn + offset) % walks.count
            guard let step = walks[index]?.next(at: .now) else { continue }
            if case .wait = step { continue }
            turn = index + 1
            return (RegionID(index), step)
        }
        return nil
    }

    private func take(_ step: AheadWalk.Step, _ region: RegionID) async throws {
        guard dispatcher.keeper.role == .owner, link.isWritable, !dispatcher.keeper.passes.isPending(region),
            !dispatcher.isStopping
        else { return postpone(region) }
        do {
            switch step {
            case .begin: try await begin(region)
            case .page(let cursor): try await look(region, cursor)
            case .refresh(let keys): refresh(keys, region)
            case .wait: break
            }
        } catch let error as RedisError where error.code != .cancelled {
            // Redis is away, or refuses: its own link tells of it.
            postpone(region)
        }
    }

    private func postpone(_ region: RegionID) { walks[region.index]?.postpone(until: .now + Self.pause) }

    private func begin(_ region: RegionID) async throws {
        guard let connection = try await probe.connected(),
            case .integer(let keys) = try await connection.command("DBSIZE")
        else { return postpone(region) }
        walks[region.index]?.begin(keys: Int(clamping: keys), at: .now)
    }

    private func look(_ id: RegionID, _ cursor: UInt64) async throws {
        guard let region = dispatcher.catalogue.regions[id.index], let connection = try await probe.connected() else {
            return postpone(id)
        }
        let since = Moment.now
        let page = try await connection.scanStep(
            cursor: cursor, match: GlobPattern(prefix: region.prefix.utf8), count: AheadWalk.pageKeys)
        let prefix = region.prefix.utf8.count
        let keys = page.keys.filter { dispatcher.catalogue.owner(of: $0) == id }
            .map { Bytes(Array($0.dropFirst(prefix))) }
            .filter { dispatcher.router.maker(of: $0, in: id) != nil }
        var found = sign
        let sights = try await KeyProbe(connection: connection, id: id, region: region, ownReads: ownReads)
            .look(at: keys, &found)
        if found == .none, sign != .none { logger.warning("redis does not tell of reads: every value is kept") }
        sign = found
        walks[id.index]?.looked(sights, next: page.cursor, since: since, at: .now)
    }

    private func refresh(_ keys: [Bytes], _ region: RegionID) {
        guard !dispatcher.keeper.queue.isBusy else {
            walks[region.index]?.busy(at: .now)
            return
        }
        for key in keys where !dispatcher.keeper.queue.holds(key, in: region) {
            guard let maker = dispatcher.router.maker(of: key, in: region) else { continue }
            dispatcher.keeper.queue.refresh(
                maker.query, key: key, parameters: maker.parameters, event: nil, at: .now)
            dispatcher.counters.refreshedAhead[region.index] += 1
        }
        walks[region.index]?.asked(keys.count, at: .now)
        dispatcher.settleSoon()
    }
}
