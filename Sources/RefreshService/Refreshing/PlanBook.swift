import Logging
import Postgres
import Reactor
import RefreshCore

/// The plans of all queries, made when first needed and made anew when the server says that one is out of date.
@Loop
final class PlanBook {
    private let settings: LiveSettings
    private unowned let dispatcher: Dispatcher
    private let logger: Logger
    private var plans: [QueryPlan?] = []
    /// Why a query has no plan, by query.
    private var faults: [RefreshFault?] = []
    private var lastVersion = 0
    private var isPlanning = false
    /// Told once all queries have been planned, or tried.
    private let tried = Waiter<Void>()

    init(_ settings: LiveSettings, _ dispatcher: Dispatcher, _ logger: Logger) {
        self.settings = settings
        self.dispatcher = dispatcher
        self.logger = logger
    }

    /// The plan of a query, if it has been made.
    subscript(query: QueryID) -> QueryPlan? { query.index < plans.count ? plans[query.index] : nil }

    /// Why a query has no plan, if it was tried.
    func fault(of query: QueryID) -> RefreshFault? { query.index < faults.count ? faults[query.index] : nil }

    /// The query's plan, made on `connection` if there is none.
    func plan(_ id: QueryID, on connection: PostgresConnection) async throws(PlanFault) -> QueryPlan {
        if let plan = self[id] { return plan }
        grow()
        guard let query = dispatcher.catalogue.queries[id.index],
            let region = dispatcher.catalogue.regions[dispatcher.catalogue.regionOfQuery[id.index].index]
        else { throw .server(.cancelled) }
        do throws(PlanFault) {
            let target = try await target(of: query, on: connection)
            lastVersion += 1
            let plan = try await QueryPlan.make(
                id, query, region, version: lastVersion, target: target, on: connection,
                limit: settings.current.answerTimeout)
            plans[id.index] = plan
            faults[id.index] = nil
            dispatcher.router.learn(plan.types, of: id)
            if case .perKey(let why?) = plan.form {
                logger.notice(
                    "query runs key by key: the server refuses its batched form",
                    metadata: ["query": "\(query.name)", "error": "\(why)"])
            }
            return plan
        } catch {
            faults[id.index] = error.fault
            throw error
        }
    }

    /// The types of the parameters that a resolver's rows are; nil for a query that is none.
    private func target(
        of query: Query, on connection: PostgresConnection
    ) async throws(PlanFault) -> [ParameterType]? {
        guard let name = query.target else { return nil }
        guard let target = dispatcher.catalogue.query(name) else { throw .server(.cancelled) }
        return try await plan(target, on: connection).types
    }

    /// Waits until every query has a plan or a fault, but no longer than a second.
    ///
    /// Until its types are known a parameter is spelled as its payload has it, which may not be as readers do. One task
    /// may wait.
    func waitUntilTried() async {
        if isTried { return }
        tried.clear()
        try? await tried.wait(timeout: .seconds(1))
    }

    private var isTried: Bool {
        dispatcher.catalogue.queries.enumerated().allSatisfy { index, query in
            query == nil || self[QueryID(index)] != nil || fault(of: QueryID(index)) != nil
        }
    }

    /// Makes the plans of all queries that have none, unless that is under way; faults of single queries are kept and
    /// logged, not thrown.
    ///
    /// It waits for no lock: the plan of a query whose table is locked is made when it is needed, and holds up nothing
    /// else meanwhile.
    func planAll(on connection: PostgresConnection) async throws(PostgresError) {
        if isPlanning { return }
        isPlanning = true
        defer {
            isPlanning = false
            tried.give(())
        }
        try await connection.execute("SET lock_timeout = '250ms'", timeout: .seconds(10))
        for (index, query) in dispatcher.catalogue.queries.enumerated() {
            guard let query, self[QueryID(index)] == nil else { continue }
            do throws(PlanFault) {
                _ = try await plan(QueryID(index), on: connection)
            } catch {
                if case .server(let error) = error, !connection.isOpen { throw error }
                logger.error("query can not run", metadata: ["query": "\(query.name)", "error": "\(error)"])
            }
        }
        try await connection.execute("SET lock_timeout = 0", timeout: .seconds(10))
    }

    /// The server's idea of the query has changed: it is planned anew when next needed.
    func forget(_ query: QueryID) {
        if query.index < plans.count { plans[query.index] = nil }
    }

    /// Keeps the plans of queries that a new catalogue has unchanged, and tells the router their types again.
    func keep(_ catalogue: Catalogue) {
        grow()
        for (index, plan) in plans.enumerated() {
            let region = catalogue.regions[catalogue.regionOfQuery[index].index]
            if let plan, plan.query == catalogue.queries[index], plan.region == region {
                dispatcher.router.learn(plan.types, of: plan.id)
            } else {
                plans[index] = nil
                faults[index] = nil
            }
        }
    }

    private func grow() {
        let count = dispatcher.catalogue.queries.count
        while plans.count < count { plans.append(nil) }
        while faults.count < count { faults.append(nil) }
    }
}
