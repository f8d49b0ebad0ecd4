import Logging
import Postgres
import Reactor
import Redis
import RefreshCore

/// Compares random cached values with what their queries say, repairs those that are wrong, and keeps account.
@Loop
final class Sampler {
    let settings: LiveSettings
    let dispatcher: Dispatcher
    let link: RedisLink
    let probe: SideLink
    let plans: PlanBook
    let barrier: Barrier
    private let ahead: RefreshAhead
    private let logger: Logger

    /// How right the values of each region were found, by the region's number.
    private(set) var records: [SampleRecord] = []
    /// How old they were.
    private(set) var ages: [Histogram] = []
    private var book: SampleBook?
    private var inForce: Configuration.Sampler?
    /// Queries whose results can not be compared.
    private var volatile: Set<QueryID> = []
    private var session: QuerySession?
    private let changed = Waiter<Void>()
    private var wrongLog = LogLimit(perMinute: 6)
    /// For how long nothing is sampled while nothing can be.
    private static let pause = Moment.Span.seconds(1)

    init(
        _ settings: LiveSettings, _ dispatcher: Dispatcher, _ link: RedisLink, _ probe: SideLink, _ plans: PlanBook,
        _ barrier: Barrier, _ ahead: RefreshAhead, _ logger: Logger
    ) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.link = link
        self.probe = probe
        self.plans = plans
        self.barrier = barrier
        self.ahead = ahead
        self.logger = logger
        adopt(dispatcher.catalogue)
    }

    /// Takes up another registry, before anybody asks for the records of its regions.
    func adopt(_ catalogue: Catalogue) {
        while records.count < catalogue.regions.count {
            records.append(SampleRecord())
            ages.append(.valueAge)
        }
        volatile = []
    }

    /// Takes up the settings in force.
    func settingsChanged() { changed.give(()) }

    /// Samples, until the task is cancelled; turned off, it sleeps.
    func run() async {
        while !Task.isCancelled {
            takeSettings()
            do {
                switch book?.next(at: .now) {
                case nil: try await pause(nil)
                case .wait(let until): try await pause(max(.milliseconds(1), Duration(until - .now)))
                case .sample: try await sampleOne()
                case .look(let sample): try await look(sample)
                }
            } catch { break }
        }
        session?.connection.close()
    }

    private func takeSettings() {
        guard inForce != settings.current.sampler else { return }
        let fresh = settings.current.sampler
        inForce = fresh
        book = fresh.interval.map {
            SampleBook(interval: .init($0), delays: fresh.delays.map { Moment.Span($0) }, at: .now)
        }
        if book == nil {
            session?.connection.close()
            session = nil
        }
    }

    private func pause(_ length: Duration?) async throws(WaitError) {
        do { try await changed.wait(timeout: length) } catch .timedOut {}
    }

    private var maySample: Bool {
        dispatcher.keeper.role == .owner && link.isWritable && !dispatcher.keeper.gaps.isOpen && !dispatcher.isStopping
    }

    private func sampleOne() async throws {
        let since = Moment.now
        guard maySample else {
            book?.postpone(until: since + Self.pause)
            return
        }
        do {
            if let connection = try await probe.connected(),
                let sample = try await SamplePick(dispatcher: dispatcher, connection: connection).next(),
                !volatile.contains(sample.query)
            {
                try await look(sample)
            }
        } catch let error as RedisError where error.code != .cancelled {}
        book?.sampled(since: since, at: .now)
    }

    // MARK: Looks

    private func look(_ sample: SampleBook.Case) async throws {
        let finding = try await compare(sample)
        guard let verdict = book?.looked(sample, finding, at: .now) else { return }
        switch verdict {
        case .result(let result): count(result, sample)
        case .suspect: try await confirm(sample)
        case .again, .none: break
        }
    }

    private func compare(_ sample: SampleBook.Case) async throws -> SampleBook.Finding {
        guard maySample, let reads = reads(sample) else { return .unknown }
        return try await withServers { session, connection in
            let cached = try await self.cached(reads, connection)
            if cached.image == .absent { return .unknown }
            if sample.looks == 0, let age = cached.age { self.ages[sample.region.index].record(age.seconds) }
            let asked = try await reads.asked(session, self.plans, within: self.settings.current.answerTimeout)
            return asked == cached.image ? .same : .other
        } ?? .unknown
    }

    private func confirm(_ sample: SampleBook.Case) async throws {
        guard let reads = reads(sample) else { return }
        let judgement = try await withServers { session, connection in
            try await self.evidence(reads, session, connection).map(SampleBook.judge)
        }
        switch judgement ?? nil {
        case .result(let result):
            count(result, sample)
            if result == .wrong { repair(sample) }
        case .volatile: leaveOut(sample.query)
        case nil: break
        }
    }

    /// What stands under a key; a read by the sampler is none by a reader.
    func cached(_ reads: SampleReads, _ connection: RedisConnection) async throws -> SampleReads.Cached {
        let countsReads = reads.region.freshness?.keep == .whileRead && ahead.sign == .idleTime
        let cached = try await reads.cached(connection, asksIdleTime: countsReads)
        if let idle = cached.idleSeconds {
            ahead.ownReads.note(reads.sample.key, in: reads.sample.region, idleSeconds: idle, at: .now)
        }
        return cached
    }

    private func reads(_ sample: SampleBook.Case) -> SampleReads? {
        guard !volatile.contains(sample.query), dispatcher.catalogue.queries[sample.query.index] != nil,
            // A pickle is not what the query says, byte for byte.
            let region = dispatcher.catalogue.regions[sample.region.index], region.serializer == .json
        else { return nil }
        return SampleReads(sample: sample, region: region)
    }

    /// Lends both connections; nil when a server is away or refuses, which others tell of.
    private func withServers<Result>(
        _ body: (QuerySession, RedisConnection) async throws -> Result
    ) async throws -> Result? {
        guard let connection = try await probe.connected() else { return nil }
        do {
            let open: QuerySession
            if let session, session.connection.isOpen {
                open = session
            } else {
                open = try await QuerySession.connect(settings, as: "sampler")
            }
            session = open
            return try await body(open, connection)
        } catch let error as RedisError where error.code != .cancelled {
            return nil
        } catch let error as PlanFault {
            if Task.isCancelled { throw error }
            return nil
        }
    }

    // MARK: Account

    private func count(_ result: SampleRecord.Result, _ sample: SampleBook.Case) {
        records[sample.region.index].add(result)
    }

    /// A value that is wrong is made anew, and told.
    private func repair(_ sample: SampleBook.Case) {
        if let skipped = wrongLog.admit(at: .now) {
            let region = dispatcher.catalogue.regions[sample.region.index]
            logger.tell(
                .sampledWrong,
                [
                    "query": "\(name(sample.query))", "region": "\(region?.name.text ?? "")",
                    "key": "\(sample.key)", "dropped_before": "\(skipped)",
                ])
        }
        dispatcher.keeper.queue.refresh(
            sample.query, key: sample.key, parameters: sample.parameters, event: nil, at: .now)
        dispatcher.settleSoon()
    }

    private func leaveOut(_ query: QueryID) {
        guard volatile.insert(query).inserted else { return }
        logger.warning(
            "sampler: query gives another result each time it runs", metadata: ["query": "\(name(query))"])
    }

    private func name(_ query: QueryID) -> String { dispatcher.catalogue.queries[query.index]?.name.text ?? "" }
}
