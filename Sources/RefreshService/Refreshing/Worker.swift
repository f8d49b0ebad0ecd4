import Logging
import Postgres
import Reactor
import RefreshCore

/// Runs registered queries on a connection of its own, one batch after the other.
///
/// Postgres is given the next batch before the result of the last one is looked at, or even before it is there, and
/// Redis takes that in while Postgres works: a write is sent and not waited for.
@Loop
final class Worker {
    let number: Int
    let settings: LiveSettings
    let dispatcher: Dispatcher
    let plans: PlanBook
    let writer: RegionWriter
    let presence: KeyPresence
    let logger: Logger
    private let seat = WorkerSeat()
    var parameters = ParameterBuffer()
    /// The names of the statements that this connection has prepared.
    private var prepared: Set<String> = []
    var judge: ParameterJudge?

    /// The connection was made by settings that are no longer in force.
    private var isStale = false

    private(set) var report = ConnectionReport(now: .now)
    /// What it does now: the query that runs, since when.
    private(set) var current: (query: QueryID, since: Moment)?

    init(
        _ number: Int, _ settings: LiveSettings, _ dispatcher: Dispatcher, _ plans: PlanBook,
        _ writer: RegionWriter, _ presence: KeyPresence, _ logger: Logger
    ) {
        self.number = number
        self.settings = settings
        self.dispatcher = dispatcher
        self.plans = plans
        self.writer = writer
        self.presence = presence
        self.logger = logger
    }

    /// Works until the dispatcher has no more batches to give, for the daemon stops.
    func run() async {
        var backoff = Backoff.connecting
        while !Task.isCancelled {
            do throws(PostgresError) {
                let connection = try await connect()
                backoff.reset()
                let isDone = try await serve(connection)
                connection.onClosed = nil
                connection.close()
                if isDone { return }
                report.down("the server closed the connection", at: .now)
            } catch {
                if Task.isCancelled { return }
                report.down("\(error)", at: .now)
                logger.warning(
                    "worker not connected",
                    metadata: ["worker": "\(number)", "error": "\(error)", "attempt": "\(report.attempts)"])
            }
            do { try await backoff.pause() } catch { return }
        }
    }

    /// Makes the connection anew, once what runs has ended.
    func reconnect() {
        isStale = true
        dispatcher.release(seat)
    }

    private func connect() async throws(PostgresError) -> PostgresConnection {
        let connection = try await PostgresConnection.connect(settings.current.postgres("worker \(number)"))
        try await settings.prepare(connection)
        connection.onClosed = { [weak self] _ in
            guard let self else { return }
            dispatcher.release(seat)
        }
        prepared = []
        judge = ParameterJudge(connection)
        try await plans.planAll(on: connection)
        report.up(at: .now)
        dispatcher.counters.workerConnects += 1
        return connection
    }

    /// Takes batches while the connection lasts; tells whether there are no more to come.
    private func serve(_ connection: PostgresConnection) async throws(PostgresError) -> Bool {
        isStale = false
        // A batch that has been taken, and not begun.
        var taken: Batch?
        while mayServe(connection) || taken != nil {
            guard var batch = if let taken { taken } else { await dispatcher.next(seat) } else {
                if dispatcher.isStopping, connection.isOpen { return true }
                continue
            }
            taken = nil
            if case .canary(let number) = batch.work {
                try await pass(batch, number, on: connection)
                continue
            }
            defer { current = nil }
            do throws(PlanFault) {
                taken = try await refresh(&batch, on: connection)
            } catch {
                if await isUnfit(batch, error) { continue }
                failed(batch, error)
                if case .server(let error) = error, !connection.isOpen { throw error }
            }
        }
        return false
    }

    func mayServe(_ connection: PostgresConnection) -> Bool {
        connection.isOpen && !isStale && !Task.isCancelled
    }

    /// A nonce goes the way of a refresh: a statement, and a write.
    private func pass(_ batch: Batch, _ number: UInt64, on connection: PostgresConnection) async throws(PostgresError) {
        do throws(PostgresError) {
            _ = try await connection.execute("SELECT \(number)", timeout: settings.current.answerTimeout)
        } catch {
            dispatcher.canaryDone(batch, number, isStored: false)
            throw error
        }
        writer.store(batch, canary: number)
    }

    /// Runs a batch, and those that follow it without a pause: `batch` is then the last of them.
    ///
    /// Gives back a batch that it has taken and could not begin.
    private func refresh(_ batch: inout Batch, on connection: PostgresConnection) async throws(PlanFault) -> Batch? {
        if batch.work == .together, let first = batch.parts.first {
            begin(batch, first.query)
            try await runTogether(batch, on: connection)
            return nil
        }
        guard case .refresh(let query) = batch.work else { return nil }
        begin(batch, query)
        // Asked for without waiting first: each call that may wait costs as much as the rest of this.
        let plan = if let made = plans[query] { made } else { try await plans.plan(query, on: connection) }
        do throws(PostgresError) {
            if plan.query.when == .cached { return try await runCached(batch, plan, connection) }
            if !isPrepared(plan, keys: batch.items.count) {
                try await prepare(plan, keys: batch.items.count, on: connection)
            }
            if plan.query.target != nil {
                try await resolve(batch, plan, connection)
                return nil
            }
            if plan.region.locks != nil { await dispatcher.locks?.take(batch, plan.region) }
            switch plan.form {
            case .batched: return try await runBatched(&batch, plan, connection)
            case .perKey: try await runPerKey(batch, plan, connection)
            }
            return nil
        } catch {
            throw .server(error)
        }
    }

    /// Prepares the statement for so many keys, if it is not on this connection.
    func prepare(_ plan: QueryPlan, keys: Int, on connection: PostgresConnection) async throws(PostgresError) {
        if isPrepared(plan, keys: keys) { return }
        let name = plan.name(keys: keys)
        try await connection.prepare(name, plan.text(keys: keys), timeout: answerTimeout)
        prepared.insert(name)
    }

    func isPrepared(_ plan: QueryPlan, keys: Int) -> Bool { prepared.contains(plan.name(keys: keys)) }

    /// The query's plan.
    func plan(_ query: QueryID, on connection: PostgresConnection) async throws(PlanFault) -> QueryPlan {
        try await plans.plan(query, on: connection)
    }

    /// How long an answer may take.
    var answerTimeout: Duration { settings.current.answerTimeout }

    /// Writes what the queries of a batch returned.
    func store(_ batch: Batch, _ parts: [TogetherPart]) { writer.store(batch, parts) }

    /// Tells what is done now.
    func begin(_ batch: Batch, _ query: QueryID) {
        current = (query, .now)
        dispatcher.counters.statements += 1
        dispatcher.counters.batchSize.record(Double(batch.items.count))
    }

    /// The plan of a batch that can be sent at once: not one whose locks are to be taken first.
    func preparedPlan(_ batch: Batch) -> QueryPlan? {
        guard case .refresh(let query) = batch.work, let plan = plans[query], plan.form == .batched,
            plan.query.target == nil, plan.query.when == .always, plan.region.locks == nil,
            isPrepared(plan, keys: batch.items.count)
        else { return nil }
        return plan
    }
}
