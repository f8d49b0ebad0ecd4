import Postgres
import RefreshCore

/// Queries of which one statement does many keys.
///
/// ```
///  Postgres:  | batch 1      | batch 2      | batch 3      |
///  Worker:    send 1, 2      send 3, write 1   send 4, write 2
/// ```
///
/// While a query alone has more work than one statement takes, a batch waits behind the one that runs, so that Postgres
/// goes on without waiting for the worker to wake up. Otherwise the next batch is sent before the result of the last is
/// looked at.
extension Worker {
    /// A batch whose statement is on its way.
    private struct Flight {
        let batch: Batch
        let plan: QueryPlan
        /// Whether it goes as a list of keys, and not as the one that it is.
        let isList: Bool

        init(_ batch: Batch, _ plan: QueryPlan, isBehind: Bool = false) {
            self.batch = batch
            self.plan = plan
            isList = isBehind || !plan.isSingle(batch.items.count)
        }
    }

    /// Runs a batch, and those that follow it without a pause: `batch` is then the last of them.
    ///
    /// Gives back a batch that it has taken and could not begin.
    func runBatched(
        _ batch: inout Batch, _ plan: QueryPlan, _ connection: PostgresConnection
    ) async throws(PostgresError) -> Batch? {
        var flight = Flight(batch, plan)
        try send(flight, connection)
        var behind = try sendBehind(flight, connection)
        while true {
            let result: PostgresResult
            do throws(PostgresError) {
                result = try await connection.result(timeout: answerTimeout)
            } catch {
                guard let next = behind.take() else { throw error }
                // Where the connection is gone, the one behind has not run.
                guard connection.isOpen else {
                    dispatcher.finish(next.batch, .interrupted)
                    throw error
                }
                failed(batch, .server(error))
                (batch, flight) = (next.batch, next)
                begin(batch, flight.plan.id)
                continue
            }
            dispatcher.keeper.queue.answered(flight.batch)
            let answers = Answers(items: flight.batch.items.count, of: flight.plan)
            var next = behind.take()
            let taken = next == nil && mayServe(connection) ? dispatcher.takeBatch() : nil
            do throws(PostgresError) {
                if let taken, let plan = preparedPlan(taken) {
                    let fresh = Flight(taken, plan)
                    (batch, next) = (taken, fresh)
                    try send(fresh, connection)
                }
                if let next {
                    batch = next.batch
                    behind = try sendBehind(next, connection)
                }
            } catch {
                store(result, of: flight, in: answers)
                throw error
            }
            store(result, of: flight, in: answers)
            guard let next else { return taken }
            flight = next
            begin(batch, flight.plan.id)
        }
    }

    private func send(_ flight: Flight, _ connection: PostgresConnection) throws(PostgresError) {
        guard flight.isList else { return try send(flight.batch.items, flight.plan, connection) }
        appendLists(of: flight.batch.items, flight.plan)
        try connection.enqueue(prepared: flight.plan.listName, &parameters)
    }

    /// Sends a batch behind one that went as a list, if there is one that nobody else would take.
    private func sendBehind(_ flight: Flight, _ connection: PostgresConnection) throws(PostgresError) -> Flight? {
        guard flight.isList, flight.plan.region.locks == nil, mayServe(connection),
            let batch = dispatcher.takeBehind(flight.batch)
        else { return nil }
        let behind = Flight(batch, flight.plan, isBehind: true)
        do throws(PostgresError) {
            try send(behind, connection)
        } catch {
            dispatcher.finish(batch, .interrupted)
            throw error
        }
        return behind
    }

    private func store(_ result: consuming PostgresResult, of flight: Flight, in answers: Answers) {
        if flight.isList { answers.take(batched: result) } else { answers.take(result, for: 0) }
        writer.store(flight.batch, flight.plan, answers)
    }
}
