import Benchmark
import RefreshCore

/// What happens to a query's SQL at the start, after a reload and when a connection is made: never for an event.
enum Statements {
    static func register() {
        let query = Site.query("stock")
        measured("statement: tokens of a query") { count in
            for _ in 0..<count { blackHole(tokens(of: query)) }
        }
        measured("statement: all forms of a query") { count in
            for _ in 0..<count { blackHole(statement(of: query)) }
        }
    }

    /// Cuts the SQL into tokens and checks it.
    private static func tokens(of query: Query) -> SelectText {
        do {
            return try SelectText(query.sql, parameterCount: query.parameters.count)
        } catch {
            fatalError("\(error)")
        }
    }

    /// Makes the batched, the single and the three warm statements, reading the SQL of both again.
    private static func statement(of query: Query) -> BatchedStatement {
        do {
            let made = try BatchedStatement(
                query, format: .json, types: [.textLike("text"), .int4],
                columns: ["id", "item's name", "left", "next"])
            precondition(made.batched != nil && made.warm != nil, "the query has no batched form")
            return made
        } catch {
            fatalError("\(error)")
        }
    }
}
