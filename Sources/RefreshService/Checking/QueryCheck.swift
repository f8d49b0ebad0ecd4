public import Postgres
import Reactor
import RefreshCore

/// What can be said of one registered query before it is ever run.
public struct QueryCheck: Sendable {
    /// The query's name.
    public let query: String
    /// `batched`, `per key` or `single key`; nil when the database was not asked, or refused the query.
    public let form: String?
    /// Why it is not batched, if the server refused that.
    public let why: String?
    /// The names of the parameters' types, in order.
    public let types: [String]
    /// The planner's estimate for one batch, in its own unit.
    public let cost: String?
    /// What is allowed but seldom meant.
    public let warnings: [String]
    /// Why the query can not run; nil when it can.
    public let fault: String?
}

/// Checks registered queries: their text alone, or with the database that they are for.
public enum QueryChecker {
    /// Checks what needs no database: that each text is one SELECT and uses its parameters.
    public static func checkTexts(_ configuration: Configuration) -> [QueryCheck] {
        configuration.registry.queries.compactMap { query in
            do throws(StatementError) {
                _ = try SelectText(query.sql, parameterCount: query.parameters.count)
                guard let warm = query.warm else { return nil }
                if query.parameters.isEmpty { throw StatementError(.needlessWarm) }
                _ = try SelectText(warm, parameterCount: 0)
                return nil
            } catch {
                return failed(query, "\(error)")
            }
        }
    }

    /// Prepares every query on the database; throws when it can not be reached.
    @Loop
    public static func checkOnDatabase(
        _ configuration: Configuration
    ) async throws(PostgresError) -> [QueryCheck] {
        let settings = ServiceSettings(configuration)
        let connection = try await PostgresConnection.connect(settings.postgres("check"))
        defer { connection.close() }
        try await connection.execute(settings.harmless, timeout: .seconds(10))
        try await connection.execute("SET plan_cache_mode = force_generic_plan", timeout: .seconds(10))
        var checks: [QueryCheck] = []
        for (index, query) in configuration.registry.queries.enumerated() {
            guard let region = configuration.registry.regions.first(where: { $0.name == query.region }) else {
                continue
            }
            do throws(PlanFault) {
                var target: QueryPlan?
                if let named = configuration.registry.queries.first(where: { $0.name == query.target }) {
                    target = try await QueryPlan.make(
                        QueryID(index), named, region, version: 0, on: connection, limit: settings.answerTimeout)
                }
                let plan = try await QueryPlan.make(
                    QueryID(index), query, region, version: 0, target: target?.types, on: connection,
                    limit: settings.answerTimeout)
                checks.append(try await describe(plan, connection))
            } catch {
                if case .server(let error) = error, !connection.isOpen { throw error }
                checks.append(failed(query, "\(error)"))
            }
        }
        return checks
    }

    private static func failed(_ query: Query, _ fault: String) -> QueryCheck {
        QueryCheck(
            query: query.name.text, form: nil, why: nil, types: [], cost: nil, warnings: [], fault: fault)
    }

    @Loop
    private static func describe(
        _ plan: QueryPlan, _ connection: PostgresConnection
    ) async throws(PlanFault) -> QueryCheck {
        var warnings: [String] = []
        for (name, type) in zip(plan.query.parameters, plan.types) where !type.hasCanonicalSpelling {
            warnings.append(
                "parameter \"\(name)\" is \(type.name), of which one value has several spellings: the payload must "
                    + "spell it as the key shall be spelled")
        }
        var why: String?
        if case .perKey(let reason) = plan.form { why = reason }
        do throws(PostgresError) {
            let lines = try await explain(plan, connection)
            for line in lines where line.contains("Seq Scan on ") && !plan.types.isEmpty {
                let table = line.split(separator: " ").drop { $0 != "on" }.dropFirst().first ?? ""
                warnings.append("each key reads all of table \(table): an index on what it looks for would help")
            }
            if let warm = plan.statement.warm {
                try await connection.prepare("rekindle_check", warm, timeout: .seconds(30))
                try await connection.deallocate("rekindle_check", timeout: .seconds(30))
            }
            return QueryCheck(
                query: plan.query.name.text, form: plan.formName, why: why,
                types: plan.types.map(\.name), cost: cost(of: lines.first ?? ""), warnings: warnings, fault: nil)
        } catch {
            throw .server(error)
        }
    }

    @Loop
    private static func explain(
        _ plan: QueryPlan, _ connection: PostgresConnection
    ) async throws(PostgresError) -> [String] {
        try await connection.prepare("rekindle_check", plan.text(keys: 2), timeout: .seconds(30))
        let nulls = plan.types.isEmpty ? "" : "(" + plan.types.map { _ in "NULL" }.joined(separator: ", ") + ")"
        let answer = try await connection.execute("EXPLAIN EXECUTE rekindle_check\(nulls)", timeout: .seconds(30))
        let lines = (0..<answer.rowCount).compactMap { answer.string($0, 0) }
        try await connection.deallocate("rekindle_check", timeout: .seconds(30))
        return lines
    }

    /// The total cost in the first line of a plan, such as `Result  (cost=0.00..8.45 rows=1 width=32)`.
    private static func cost(of line: String) -> String? {
        guard let cost = line.split(separator: "cost=").dropFirst().first?.split(separator: " ").first else {
            return nil
        }
        return cost.split(separator: ".", omittingEmptySubsequences: true).count > 1
            ? cost.split(separator: "..").last.map(String.init) : nil
    }
}
