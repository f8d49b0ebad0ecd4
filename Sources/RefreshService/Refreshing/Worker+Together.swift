import Postgres
import Reactor
import RefreshCore

/// The answers to the items of one query, of a batch of several.
struct TogetherPart {
    let plan: QueryPlan
    let places: Range<Int>
    let answers: Answers
}

/// Keys of several queries, read in one snapshot.
extension Worker {
    /// Runs the queries of a batch in one read-only transaction, and writes what they return by one call.
    func runTogether(_ batch: Batch, on connection: PostgresConnection) async throws(PlanFault) {
        var plans: [QueryPlan] = []
        for part in batch.parts { plans.append(try await plan(part.query, on: connection)) }
        do throws(PostgresError) {
            let limit = answerTimeout
            for (part, plan) in zip(batch.parts, plans) {
                try await prepare(plan, keys: part.places.count, on: connection)
            }
            try await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", timeout: limit)
            var parts: [TogetherPart] = []
            for (part, plan) in zip(batch.parts, plans) {
                parts.append(
                    TogetherPart(
                        plan: plan, places: part.places,
                        answers: try await answers(to: Array(batch.items[part.places]), plan, on: connection)))
            }
            try await connection.execute("COMMIT", timeout: limit)
            store(batch, parts)
        } catch {
            if connection.isOpen { _ = try? await connection.execute("ROLLBACK", timeout: .seconds(10)) }
            throw .server(error)
        }
    }

    /// What the query returns for items, in their order.
    func answers(
        to items: [Batch.Item], _ plan: QueryPlan, on connection: PostgresConnection
    ) async throws(PostgresError) -> Answers {
        let answers = Answers(items: items.count, of: plan, firstColumn: 1)
        if plan.form == .batched, !plan.isSingle(items.count) {
            try send(items, plan, connection)
            answers.take(batched: try await connection.result(timeout: answerTimeout))
            return answers
        }
        for place in items.indices {
            try send([items[place]], plan, connection)
            answers.take(try await connection.result(timeout: answerTimeout), for: place)
        }
        return answers
    }
}
