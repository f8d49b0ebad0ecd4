import Postgres
import Reactor
import RefreshCore

/// Resolvers: what their rows name is refreshed.
extension Worker {
    /// Runs a resolver for the items of a batch, and asks for the keys that it finds.
    func resolve(_ batch: Batch, _ plan: QueryPlan, _ connection: PostgresConnection) async throws(PostgresError) {
        var found: [[[Bytes]]] = Array(repeating: [], count: batch.items.count)
        if plan.form == .batched {
            try send(batch.items, plan, connection)
            let result = try await connection.result(timeout: answerTimeout)
            dispatcher.keeper.queue.measured(batch, keys: batch.items.count, bytes: result.byteCount)
            Self.read(result) { item, parameters in
                if found.indices.contains(item) { found[item].append(parameters) }
            }
        } else {
            for place in batch.items.indices {
                try send([batch.items[place]], plan, connection)
                Self.read(try await connection.result(timeout: answerTimeout)) { found[place].append($1) }
            }
        }
        dispatcher.resolved(batch, found, by: plan)
    }

    /// Reads rows of an item's number and parameters.
    private static func read(_ result: consuming PostgresResult, _ body: (Int, [Bytes]) -> Void) {
        for row in 0..<result.rowCount {
            guard let item = result.string(row, 0).flatMap({ Int($0) }) else { continue }
            body(
                item - 1,
                (1..<result.columnCount).map { column in
                    result.withCell(row, column) { cell in unsafe cell.withUnsafeBytes { unsafe Bytes(copying: $0) } }
                })
        }
    }
}
