import Logging
import Postgres
import Reactor
import RefreshCore

/// Fills a region by one statement whose rows are streamed into Redis, in memory that does not grow with them.
///
/// The statement reads one old snapshot, so keys that are stored or asked for since it began are left out.
@Loop
final class WarmStream {
    let runner: PassRunner
    let region: RegionID
    let query: QueryID
    private var keys: [Bytes] = []
    private var answers: Answers?
    /// The places of keys whose values are too large.
    private var tooLarge: Set<Int> = []
    private var chunkBytes = 0
    private var unanswered = 0
    private var failed = false
    private var drained: Waiter<Void>?
    /// The keys of all rows, where what no row has is to be deleted; nil once not all are known.
    var seen: SeenKeys?

    init(_ runner: PassRunner, _ region: RegionID, _ query: QueryID) {
        self.runner = runner
        self.region = region
        self.query = query
    }

    /// Streams all rows; faults of the statement itself are kept for the status and tried again later.
    func run() async throws {
        let settings = runner.settings.current
        let connection = try await PostgresConnection.connect(settings.postgres("warm"))
        defer { connection.close() }
        // The plan by which each key is asked for, where rows can not be streamed.
        var byKey: QueryPlan?
        do throws(PlanFault) {
            try await prepare(connection)
            let plan = try await runner.plans.plan(query, on: connection)
            if plan.region.locks != nil {
                // Each key is locked before it is read.
                byKey = plan
                seen = nil
            } else {
                runner.dispatcher.keeper.queue.remember(region)
                try await wrapped { () async throws(PostgresError) in
                    guard let sql = try await statement(plan, connection) else { return }
                    try connection.stream(sql, timeout: settings.answerTimeout)
                }
                try await pull(connection, plan)
            }
            runner.warmFaults[query] = nil
        } catch {
            guard isOfTheStatement(error), connection.isOpen else { throw error }
            runner.warmFaults[query] = error.fault
            seen = nil
            runner.logger.tell(.warmFailed, ["query": "\(name)", "error": "\(error)"])
            if error.outcome.mayBeOfOneKey { byKey = runner.plans[query] } else { runner.retryLater(region) }
        }
        try await drain()
        guard let byKey else { return }
        do {
            try await askForEach(byKey, connection, settings)
        } catch let error as PlanFault {
            guard isOfTheStatement(error), connection.isOpen else { throw error }
            runner.retryLater(region)
        }
    }

    private var name: String { runner.dispatcher.catalogue.queries[query.index]?.name.text ?? "" }

    private func prepare(_ connection: PostgresConnection) async throws(PlanFault) {
        try await wrapped { () async throws(PostgresError) in
            try await runner.settings.prepare(connection)
            // Filling may take longer than one refresh; the wait for each row has its own deadline.
            try await connection.execute("SET statement_timeout = 0", timeout: .seconds(10))
        }
    }

    /// The faster of two statements where Postgres proves that it returns no key twice, else the careful one.
    ///
    /// The transaction's locks keep the unique index that the proof rests on until the last row.
    private func statement(
        _ plan: QueryPlan, _ connection: PostgresConnection
    ) async throws(PostgresError) -> String? {
        guard let careful = plan.statement.warm else { return nil }
        let joined = plan.statement.warmJoined
        try await connection.execute("BEGIN", timeout: .seconds(10))
        let answer = try await connection.execute("EXPLAIN (VERBOSE) \(joined ?? careful)", timeout: .seconds(30))
        let lines = (0..<answer.rowCount).compactMap { answer.string($0, 0) }
        if let rows = lines.first.flatMap({ PlannedRows.estimate(of: $0) }) { runner.expect(region, rows: rows) }
        return joined.map { JoinProof.isProven(by: lines) ? $0 : careful } ?? careful
    }

    private func pull(_ connection: PostgresConnection, _ plan: QueryPlan) async throws(PlanFault) {
        let parameters = plan.types.count
        while true {
            switch connection.takeRow() {
            case .row(let row): take(row, plan, parameters)
            case .end: return flush(plan)
            case .failed(let error): throw .server(error)
            case .pending:
                guard try await takeNext(connection, plan, parameters) else { return flush(plan) }
            }
            guard keys.count >= RegionWriter.callKeys || chunkBytes >= RegionWriter.callBytes else { continue }
            flush(plan)
            await runner.writer.room()
            if failed || !runner.mayContinue(region) || runner.dispatcher.keeper.queue.passesOverflowed {
                return connection.cancelStream()
            }
        }
    }

    /// Waits for a row and takes it; tells whether there was one.
    private func takeNext(
        _ connection: PostgresConnection, _ plan: QueryPlan, _ parameters: Int
    ) async throws(PlanFault) -> Bool {
        do throws(PostgresError) {
            guard let row = try await connection.nextRow() else { return false }
            take(row, plan, parameters)
            return true
        } catch {
            throw .server(error)
        }
    }

    private func take(_ row: consuming PostgresResult, _ plan: QueryPlan, _ parameters: Int) {
        let values = row.parameters(parameters)
        guard let key = plan.key(of: values) else { return }
        seen?.insert(key)
        let chunk = answers ?? Answers(items: RegionWriter.callKeys, of: plan, firstColumn: parameters)
        answers = chunk
        chunk.take(row, for: keys.count)
        let isUnfit =
            chunk.fault(of: keys.count) != nil
            || plan.region.serializer == .pickle && chunk.pickle(keys.count) != nil
        if isUnfit {
            // A refresh of its own meets the same fault, parks the key, and tells why.
            tooLarge.insert(keys.count)
            runner.dispatcher.keeper.queue.refresh(
                query, key: key, parameters: Bytes(joining: values), event: nil, at: .now)
        }
        chunkBytes += chunk.size(keys.count) + key.count
        keys.append(key)
    }

    /// Sends what was gathered, but for keys that something newer is known of.
    private func flush(_ plan: QueryPlan) {
        guard let chunk = answers, !keys.isEmpty else { return }
        let dispatcher = runner.dispatcher
        let fates = keys.enumerated().map { place, key -> Fate in
            if tooLarge.contains(place) || !dispatcher.keeper.queue.admits(key, in: region) { return .skip }
            if chunk.isMissing(place) { return plan.query.missing == .null ? .storeNull : .delete }
            return .store
        }
        let request = StoreRequest(
            region: plan.region, keys: keys, fates: fates, answers: chunk, messages: { _, _ in })
        let count = fates.count { $0 != .skip }
        unanswered += 1
        runner.writer.write(request) { [self] isStored in
            unanswered -= 1
            if isStored { dispatcher.counters.stored[region.index] += UInt64(count) } else { failed = true }
            if unanswered == 0 { drained?.give(()) }
        }
        runner.advance(region, keys: count)
        keys.removeAll(keepingCapacity: true)
        answers = nil
        tooLarge = []
        chunkBytes = 0
    }

    private func drain() async throws {
        if unanswered > 0 {
            let waiter = Waiter<Void>()
            drained = waiter
            try await waiter.wait()
        }
        if failed { throw PassError.notStored }
        if !runner.mayContinue(region) { throw PassError.superseded }
        if runner.dispatcher.keeper.queue.passesOverflowed { throw PassError.overflow }
    }

    func wrapped<Result>(
        _ body: () async throws(PostgresError) -> Result
    ) async throws(PlanFault) -> Result {
        do throws(PostgresError) { return try await body() } catch { throw .server(error) }
    }

    private func isOfTheStatement(_ fault: PlanFault) -> Bool {
        switch fault {
        case .text: true
        case .server(let error): error.disposition == .park || error.disposition == .retry
        }
    }
}
