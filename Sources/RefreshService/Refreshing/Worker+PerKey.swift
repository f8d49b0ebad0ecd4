import Postgres
import RefreshCore

/// Queries of which one statement can not do many keys.
extension Worker {
    /// Runs the query once for each key of a batch, in a pipeline.
    func runPerKey(
        _ batch: Batch, _ plan: QueryPlan, _ connection: PostgresConnection
    ) async throws(PostgresError) {
        parameters.removeAll()
        for item in batch.items { append(item, of: plan) }
        let count = batch.items.count
        let answers = Answers(items: count, of: plan)
        var faults: [(place: Int, fault: RefreshFault)] = []
        try connection.sendPipelined(prepared: plan.name(keys: count), executions: count, &parameters)
        var place = 0
        while let answer = try await connection.nextAnswer(timeout: settings.current.answerTimeout) {
            switch consume answer {
            case .success(let result): answers.take(result, for: place)
            case .failure(let error):
                faults.append((place, RefreshFault(sqlState: error.sqlState, text: "\(error)")))
                dispatcher.counters.failures[plan.id.index] += 1
            }
            place += 1
        }
        var unfit: Set<Int> = []
        for (place, fault) in faults
        where await refuses(batch.items[place].parameters, plan, fault.sqlState) {
            unfit.insert(place)
        }
        faults.removeAll { unfit.contains($0.place) }
        writer.store(batch, plan, answers, faults: faults, unfit: unfit)
    }
}
