import Postgres
import Reactor
import RefreshCore

/// A connection on which registered queries are run one key at a time, and what is prepared on it.
@Loop
final class QuerySession {
    let connection: PostgresConnection
    private var prepared: Set<String> = []
    private var parameters = ParameterBuffer()
    private let judge: ParameterJudge

    private init(_ connection: PostgresConnection) {
        self.connection = connection
        judge = ParameterJudge(connection)
    }

    /// Connects; `role` is shown in `pg_stat_activity`.
    static func connect(_ settings: LiveSettings, as role: String) async throws(PlanFault) -> QuerySession {
        do throws(PostgresError) {
            let connection = try await PostgresConnection.connect(settings.current.postgres(role))
            try await settings.prepare(connection)
            return QuerySession(connection)
        } catch {
            throw .server(error)
        }
    }

    /// Runs a query for one key.
    func run(
        _ plan: QueryPlan, _ values: Bytes, within limit: Duration
    ) async throws(PostgresError) -> PostgresResult {
        try await prepare(plan, keys: 1, within: limit)
        parameters.removeAll()
        values.forEachParameter(of: plan.types.count) { _, value in
            unsafe parameters.append(value.bytes)
            parameters.endParameter()
        }
        try connection.send(prepared: plan.name(keys: 1), &parameters)
        return try await connection.result(timeout: limit)
    }

    /// Whether a query has failed because Postgres does not take its parameters for values of their types.
    func refuses(
        _ values: Bytes, _ plan: QueryPlan, _ error: PostgresError, within limit: Duration
    ) async -> Bool {
        guard connection.isOpen, ParameterJudge.mayJudge(error.sqlState) else { return false }
        return (try? await judge.refuses(values, plan, within: limit)) ?? false
    }

    /// Runs a query for one key in the form that does many.
    func runBatched(
        _ plan: QueryPlan, _ values: Bytes, within limit: Duration
    ) async throws(PostgresError) -> PostgresResult {
        try await prepare(plan, keys: 2, within: limit)
        var lists = plan.types.map { ArrayLiteral(of: $0) }
        values.forEachParameter(of: lists.count) { index, value in lists[index].append(value) }
        parameters.removeAll()
        for index in lists.indices {
            lists[index].close()
            let list = lists[index].bytes
            unsafe parameters.append(list.span.bytes)
            parameters.endParameter()
        }
        try connection.send(prepared: plan.name(keys: 2), &parameters)
        return try await connection.result(timeout: limit)
    }

    private func prepare(_ plan: QueryPlan, keys: Int, within limit: Duration) async throws(PostgresError) {
        let name = plan.name(keys: keys)
        if prepared.contains(name) { return }
        try await connection.prepare(name, plan.text(keys: keys), timeout: limit)
        prepared.insert(name)
    }
}
