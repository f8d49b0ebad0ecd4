import Logging
import Postgres
import Reactor
import Redis
import RefreshCore

/// Carries out passes over regions: resyncs after a gap, purges after an invalidation; two at a time.
@Loop
final class PassRunner {
    let settings: LiveSettings
    let dispatcher: Dispatcher
    let plans: PlanBook
    let writer: RegionWriter
    let link: RedisLink
    let logger: Logger

    /// How far the passes are that run now.
    private(set) var progress: [RegionID: PassProgress] = [:]
    /// Why a query's warm statement failed last, by query.
    var warmFaults: [QueryID: RefreshFault] = [:]
    private var superseded: Set<RegionID> = []
    /// Regions of which the pass that runs could not fill a part.
    private var unfilled: Set<RegionID> = []
    private var idle: [Waiter<Void>] = []
    /// Where passes wait for the keys that they asked for, by the number of their event.
    private var keysDone: [UInt64: Waiter<Void>] = [:]
    private var lastEvent: UInt64 = 0
    private var retries: [RegionID: TimerSource] = [:]

    init(
        _ settings: LiveSettings, _ dispatcher: Dispatcher, _ plans: PlanBook, _ writer: RegionWriter,
        _ link: RedisLink, _ logger: Logger
    ) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.plans = plans
        self.writer = writer
        self.link = link
        self.logger = logger
        dispatcher.onPassWanted = { [unowned self] in wake() }
        dispatcher.onPassSuperseded = { [unowned self] region in superseded.insert(region) }
        dispatcher.onPassEventDue = { [unowned self] number in keysDone[number]?.give(()) }
    }

    /// Runs passes, one after the other, until the task is cancelled; two tasks may run it.
    func run() async {
        var backoff = Backoff.connecting
        while !Task.isCancelled {
            guard link.isWritable, let (region, kind) = dispatcher.keeper.nextPass() else {
                let waiter = Waiter<Void>()
                idle.append(waiter)
                do { try await waiter.wait() } catch { return }
                continue
            }
            let isDone = await pass(region, kind)
            progress[region] = nil
            if Task.isCancelled { return }
            // A statement that fills the region and fails is not the pass' fault: it is tried again later.
            dispatcher.passEnded(region, completed: isDone, filled: unfilled.remove(region) == nil)
            if isDone {
                backoff.reset()
            } else {
                do { try await backoff.pause() } catch { return }
            }
        }
    }

    /// Whether the pass over the region still makes sense.
    func mayContinue(_ region: RegionID) -> Bool {
        !superseded.contains(region) && !dispatcher.isStopping && !Task.isCancelled
    }

    /// Counts keys that a pass has written, asked for or deleted.
    func advance(_ region: RegionID, keys: Int) {
        progress[region]?.keys += keys
        logProgress(region)
        dispatcher.counters.passKeys += UInt64(keys)
        dispatcher.keeper.passed(keys: keys)
        dispatcher.settleSoon()
    }

    /// So many rows are to come, by the planner's estimate.
    func expect(_ region: RegionID, rows: Int) {
        guard let own = progress[region] else { return }
        progress[region]?.expected = max(own.expected, own.keys) + rows
    }

    /// A line every ten seconds, so that the log shows a long pass alive.
    private func logProgress(_ region: RegionID) {
        guard let own = progress[region], (Moment.now - own.lastLogged).seconds >= 10 else { return }
        progress[region]?.lastLogged = .now
        logger.notice(
            "region in progress",
            metadata: [
                "region": "\(dispatcher.catalogue.regions[region.index]?.name.text ?? "")", "what": "\(own.kind)",
                "keys": "\(own.keys)",
            ])
    }

    /// Why a statement that fills the region failed, if one did.
    func warmFault(in region: RegionID) -> RefreshFault? {
        queries(region).lazy.compactMap { self.warmFaults[$0] }.first
    }

    /// Asks for another resync of the region in a while: part of it could not be done.
    func retryLater(_ region: RegionID) {
        unfilled.insert(region)
        let timer = retries[region] ?? TimerSource { [unowned self] in dispatcher.want(.resync, region) }
        retries[region] = timer
        timer.arm(after: .seconds(60))
    }

    private func wake() {
        let waiting = idle
        idle = []
        for waiter in waiting { waiter.give(()) }
    }

    private func pass(_ id: RegionID, _ kind: RegionPasses.Kind) async -> Bool {
        guard let region = dispatcher.catalogue.regions[id.index] else { return true }
        superseded.remove(id)
        // A region without queries can not be refreshed. One that is deleted is filled again where it says how.
        let isDeletion = kind == .purge || region.onGap == .delete || queries(id).isEmpty
        progress[id] = PassProgress(kind: isDeletion ? "deleting" : "refreshing", since: .now)
        do {
            let walk = RegionWalk(self, id, region)
            if isDeletion {
                if kind == .resync { dispatcher.keeper.queue.remember(id) }
                try await walk.deleteAll()
            }
            if kind == .resync,
                let query = queries(id).first(where: { dispatcher.catalogue.queries[$0.index]?.all != nil })
            {
                try await fillWhole(id, query, walk)
            } else if kind == .resync {
                try await untilDone { number in
                    if isDeletion {
                        walk.fillSingleKeys(event: number)
                    } else {
                        try await walk.refreshAll(event: number)
                    }
                }
                try await warm(id)
            }
        } catch {
            if mayContinue(id) {
                logger.warning("pass interrupted", metadata: ["region": "\(region.name)", "error": "\(error)"])
            }
            return false
        }
        guard mayContinue(id) else { return false }
        report(region, id)
        return true
    }

    /// Every row is stored under its key, and then the keys are deleted that no row has: readers see no key vanish
    /// that has one.
    private func fillWhole(_ id: RegionID, _ query: QueryID, _ walk: RegionWalk) async throws {
        progress[id]?.kind = "filling"
        let stream = WarmStream(self, id, query)
        stream.seen = SeenKeys()
        try await stream.run()
        guard let seen = stream.seen?.sorted() else { return }
        try await walk.deleteAll(but: seen)
    }

    private func warm(_ id: RegionID) async throws {
        for query in queries(id) where dispatcher.catalogue.queries[query.index]?.warm != nil {
            guard mayContinue(id) else { return }
            progress[id]?.kind = "warming"
            try await WarmStream(self, id, query).run()
        }
    }

    /// Makes the plans that are not there yet: only by the types of parameters are a query's keys told from others.
    ///
    /// It waits for a locked table, as the refreshes would have to. A query that can not run at all holds nothing up:
    /// its keys are asked for, and wait until it can.
    func planQueries(of id: RegionID) async throws {
        let unplanned = queries(id).filter { plans[$0] == nil }
        if unplanned.isEmpty { return }
        let connection = try await PostgresConnection.connect(settings.current.postgres("resync"))
        defer { connection.close() }
        try await settings.prepare(connection)
        for query in unplanned {
            do throws(PlanFault) {
                _ = try await plans.plan(query, on: connection)
            } catch {
                switch error.outcome {
                case .broken, .failed: if !connection.isOpen { throw error }
                case .stored, .timedOut, .interrupted: throw error
                }
            }
        }
    }

    /// Waits until all keys are refreshed, parked or folded that `ask` asks for with an event of the number it is given.
    func untilDone(_ ask: (UInt64) async throws -> Void) async throws {
        lastEvent += 1
        let number = lastEvent
        let waiter = Waiter<Void>()
        keysDone[number] = waiter
        defer { keysDone[number] = nil }
        try await ask(number)
        try await waiter.wait()
    }

    private func queries(_ region: RegionID) -> [QueryID] { dispatcher.catalogue.queriesOfRegion[region.index] }

    private func report(_ region: Region, _ id: RegionID) {
        guard let progress = progress[id], progress.keys > 0 else { return }
        logger.notice(
            "region done",
            metadata: [
                "region": "\(region.name)", "what": "\(progress.kind)", "keys": "\(progress.keys)",
                "seconds": "\(decimal((Moment.now - progress.since).seconds, places: 3))",
            ])
    }
}

/// How far a pass is.
struct PassProgress {
    /// `refreshing`, `warming` or `deleting`.
    var kind: String
    let since: Moment
    /// When a line of the log last told of it, or when it began.
    var lastLogged: Moment
    /// Keys written, asked for or deleted so far.
    var keys = 0
    /// About how many there will be in the end; 0 when that is not known.
    var expected = 0

    init(kind: String, since: Moment) {
        self.kind = kind
        self.since = since
        lastLogged = since
    }
}
