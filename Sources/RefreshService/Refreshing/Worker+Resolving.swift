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
            Self.read(try await connection.result(timeout: answerTimeout)) { item, parameters in
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

    /// Refreshes those keys of a batch that are in the cache, or that somebody waits for.
    func runCached(
        _ batch: Batch, _ plan: QueryPlan, _ connection: PostgresConnection
    ) async throws(PostgresError) -> Batch? {
        if plan.region.locks != nil { await dispatcher.locks?.take(batch, plan.region) }
        let present = await presence.present(batch, prefix: plan.region.prefix)
        guard let present else {
            // Redis is about to be found away; until then the same would be asked again and again.
            try? await Loop.sleep(for: .milliseconds(100))
            dispatcher.finish(batch, .interrupted)
            return nil
        }
        let places = batch.items.indices.filter { present[$0] || batch.items[$0].isWanted }
        if places.isEmpty {
            dispatcher.finish(batch, .stored(except: []))
            return nil
        }
        try await prepare(plan, keys: places.count, on: connection)
        let answers = try await answers(to: places.map { batch.items[$0] }, plan, on: connection)
        writer.store(batch, places, plan, answers)
        return nil
    }
}
