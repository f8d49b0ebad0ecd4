import Postgres
import Reactor
import RefreshCore

/// Asks Postgres whether it takes parameters as values of their types, after a statement with them has failed.
///
/// Only Postgres knows how a date or an enum may be spelled. A key whose parameters are no such values can have no
/// row: it is not tried again.
@Loop
final class ParameterJudge {
    private let connection: PostgresConnection
    private var prepared: Set<String> = []
    private var parameters = ParameterBuffer()

    /// Judges by a connection, which must be idle whenever it is asked.
    init(_ connection: PostgresConnection) { self.connection = connection }

    /// Whether a fault may be one of the parameters, as those of a value are, among them that of a domain's constraint;
    /// others need not be asked about.
    ///
    /// That goes for types too whose spelling the router knows: the first events of a query come before its types do.
    static func mayJudge(_ sqlState: String?) -> Bool {
        sqlState?.hasPrefix("22") == true || sqlState == "23514"
    }

    /// Whether Postgres refuses the parameters of one key, whatever the query does with them.
    func refuses(_ values: Bytes, _ plan: QueryPlan, within limit: Duration) async throws(PostgresError) -> Bool {
        let name = plan.name(keys: 2) + "_fit"
        if !prepared.contains(name) {
            let casts = plan.types.enumerated().map { "$\($0 + 1)::\($1.name) IS NULL" }
            try await connection.prepare(name, "SELECT \(casts.joined(separator: ", "))", timeout: limit)
            prepared.insert(name)
        }
        parameters.removeAll()
        values.forEachParameter(of: plan.types.count) { _, value in
            unsafe parameters.append(value.bytes)
            parameters.endParameter()
        }
        try connection.send(prepared: name, &parameters)
        do throws(PostgresError) {
            _ = try await connection.result(timeout: limit)
            return false
        } catch {
            guard connection.isOpen, Self.mayJudge(error.sqlState) else { throw error }
            return true
        }
    }
}
