import Postgres
import Reactor
import RefreshCore

extension WarmStream {
    /// Asks for a refresh of each key, and waits until they are done.
    ///
    /// For one bad row fails the statement that fills all keys, and only the queue can tell which row that is: it halves
    /// the batch that fails, parks the key at fault and stores the others. Or the keys are to be locked, a batch at a
    /// time.
    func askForEach(
        _ plan: QueryPlan, _ connection: PostgresConnection, _ settings: ServiceSettings
    ) async throws {
        guard let sql = plan.statement.warmKeys else { return }
        try await wrapped { () async throws(PostgresError) in
            // What failed may have left its transaction open.
            try await connection.execute("ROLLBACK", timeout: .seconds(10))
            try connection.stream(sql, timeout: settings.answerTimeout)
        }
        let dispatcher = runner.dispatcher
        try await runner.untilDone { number in
            let event = dispatcher.keeper.queue.begin(
                Event(purpose: .pass(region), payload: .empty, sequence: number, seen: .now))
            defer {
                if let event { dispatcher.keeper.queue.seal(event) }
                dispatcher.settleSoon()
            }
            while let row = try await nextRow(connection) {
                guard runner.mayContinue(region) else { throw PassError.superseded }
                ask(for: row, plan, event)
                runner.advance(region, keys: 1)
                await dispatcher.calm()
            }
        }
    }

    private func nextRow(_ connection: PostgresConnection) async throws(PlanFault) -> PostgresResult? {
        do throws(PostgresError) { return try await connection.nextRow() } catch { throw .server(error) }
    }

    private func ask(for row: consuming PostgresResult, _ plan: QueryPlan, _ event: EventID?) {
        let values = row.parameters(plan.types.count)
        guard let key = plan.key(of: values) else { return }
        runner.dispatcher.keeper.queue.refresh(
            query, key: key, parameters: Bytes(joining: values), event: event, at: .now)
    }
}

extension PostgresResult {
    /// The parameters in the first columns of a row that a warm statement returned.
    func parameters(_ count: Int) -> [Bytes] {
        (0..<count).map { column in
            withCell(0, column) { cell in unsafe cell.withUnsafeBytes { unsafe Bytes(copying: $0) } }
        }
    }
}

extension QueryPlan {
    /// The key of parameters, without the region's prefix.
    func key(of values: [Bytes]) -> Bytes? {
        guard let order = ParameterOrder(of: query.parameters, in: query.key) else { return nil }
        var key: [UInt8] = []
        query.key.append(keyOf: values, order: order, to: &key)
        return region.name(of: Bytes(key))
    }
}
