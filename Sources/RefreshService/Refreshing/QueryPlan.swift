import Postgres
import Reactor
import RefreshCore

/// How one query is run: its statements, made with the types that the server told, and the form it accepts.
///
/// A class, for every refresh takes it in hand several times, and it has some thirty parts to be counted.
final class QueryPlan: Sendable {
    /// The form in which many keys are refreshed.
    enum Form: Sendable, Equatable {
        /// One statement for many keys.
        case batched
        /// One execution a key, in a pipeline; `why` the server refused the batched form, nil if there is none.
        case perKey(why: String?)
    }

    let id: QueryID
    let query: Query
    let region: Region
    let types: [ParameterType]
    let statement: BatchedStatement
    let form: Form
    /// The names of the prepared statements for many keys and for one, on every connection this plan's alone.
    private let names: (many: String, one: String)

    private init(
        _ id: QueryID, _ query: Query, _ region: Region, version: Int, types: [ParameterType],
        statement: BatchedStatement, form: Form
    ) {
        self.id = id
        self.query = query
        self.region = region
        self.types = types
        self.statement = statement
        self.form = form
        let name = Self.name(id, version)
        names = (name, name + "_1")
    }

    /// The name of the prepared statement that workers run for so many keys.
    func name(keys: Int) -> String { isSingle(keys) ? names.one : names.many }

    /// That for many keys.
    var listName: String { names.many }

    /// The statement that workers run for so many keys. One key alone costs the server less without the list of keys.
    func text(keys: Int) -> String {
        if form == .batched, !isSingle(keys), let batched = statement.batched { return batched }
        return statement.single
    }

    /// Whether a batch of so many keys runs as one key alone, though the query could do many.
    func isSingle(_ keys: Int) -> Bool { keys == 1 && form == .batched && !types.isEmpty }

    /// Distinguishes this process' statements from those that others left on a server session behind a pooler.
    private static let process = String(UInt64.random(in: .min ... .max), radix: 36)

    private static func name(_ id: QueryID, _ version: Int) -> String { "rekindle_\(process)_\(id.index)_\(version)" }

    /// The form in words: `batched`, `per key`, or `single key` of a query without parameters.
    var formName: String {
        if types.isEmpty { return "single key" }
        return form == .batched ? "batched" : "per key"
    }
}

/// Why a query has no plan.
enum PlanFault: Error, CustomStringConvertible {
    /// The query's text is at fault; no server was asked, or could have helped.
    case text(StatementError)
    /// The server refused it, or could not be asked.
    case server(PostgresError)

    var description: String {
        switch self {
        case .text(let error): "\(error)"
        case .server(let error): "\(error)"
        }
    }

    /// What of it may be shown for the query.
    var fault: RefreshFault {
        switch self {
        case .text(let error): RefreshFault(sqlState: nil, text: "\(error)")
        case .server(let error): RefreshFault(sqlState: error.sqlState, text: "\(error)")
        }
    }
}

extension QueryPlan {
    /// Asks the server what the query takes and gives, and which form it accepts.
    ///
    /// Leaves no prepared statement behind. What ends the connection is thrown as `.server` too: see its disposition.
    /// - Parameter target: of a resolver, the types of the parameters of the query that it names.
    /// - Parameter limit: how long each question may take; longer than the server allows a statement, so that a locked
    ///   table is the query's fault and not the connection's.
    @Loop
    static func make(
        _ id: QueryID, _ query: Query, _ region: Region, version: Int, target: [ParameterType]? = nil,
        on connection: PostgresConnection, limit: Duration
    ) async throws(PlanFault) -> QueryPlan {
        let name = name(id, version) + "_plan"
        do {
            // The count of parameters is checked before the server is asked, for the better message.
            _ = try SelectText(query.sql, parameterCount: query.parameters.count)
            try await connection.prepare(name, query.sql, timeout: limit)
            let description = try await connection.describe(prepared: name, timeout: limit)
            let names = try await connection.typeNames(of: description.parameterTypes, timeout: limit)
            try await connection.deallocate(name, timeout: limit)
            let types = names.map { ParameterType(name: $0) }
            let statement = try BatchedStatement(
                query, format: region.format, limit: region.largestValue, types: types,
                columns: description.columns.map(\.name), target: target)
            let form = try await Self.form(of: statement, as: name, on: connection, limit)
            return QueryPlan(
                id, query, region, version: version, types: types, statement: statement, form: form)
        } catch let error as StatementError {
            throw .text(error)
        } catch let error as PostgresError {
            throw .server(error)
        } catch {
            throw .server(.cancelled)
        }
    }

    private static func form(
        of statement: BatchedStatement, as name: String, on connection: PostgresConnection, _ limit: Duration
    ) async throws(PostgresError) -> Form {
        guard let batched = statement.batched else { return .perKey(why: nil) }
        do throws(PostgresError) {
            try await connection.prepare(name, batched, timeout: limit)
            try await connection.deallocate(name, timeout: limit)
            return .batched
        } catch {
            guard error.disposition == .park else { throw error }
            return .perKey(why: "\(error)")
        }
    }
}
