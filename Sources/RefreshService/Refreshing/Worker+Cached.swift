import Postgres
import Reactor
import RefreshCore

/// Queries that refresh only what is in the cache.
extension Worker {
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
