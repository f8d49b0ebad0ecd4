import Testing

@testable import RefreshCore

@Suite struct SelectTextTests {
    @Test(arguments: [
        ("SELECT a FROM t WHERE i = $1", "SELECT a FROM t WHERE i = <1>"),
        ("SELECT $1::int + $1", "SELECT <1>::int + <1>"),
        ("select $1; -- end", "select <1> -- end"),
        ("select $1 ;; ", "select <1>  "),
        (" /* x; $9 */ (TABLE t) UNION VALUES ($1, ';')", " /* x; $9 */ (TABLE t) UNION VALUES (<1>, ';')"),
        ("with k as (select $01) table k", "with k as (select <1>) table k"),
    ]) func rewrites(sql: String, expected: String) throws {
        #expect(try SelectText(sql, parameterCount: 1).rewritten { "<\($0)>" } == expected)
    }

    @Test(
        arguments: [
            ("SELECT 1", 1, StatementError.Problem.unusedParameter(number: 1), 1, 8),
            ("SELECT $1,\n $3", 3, .unusedParameter(number: 2), 2, 2),
            ("SELECT $1,\n $2", 1, .unknownParameter(number: 2, count: 1), 2, 2),
            ("SELECT $1", 0, .unknownParameter(number: 1, count: 0), 1, 8),
            ("SELECT $0, $1", 1, .unknownParameter(number: 0, count: 1), 1, 8),
            ("SELECT $99999999999999999999, $1", 1, .unknownParameter(number: .max, count: 1), 1, 8),
            ("SELECT 1; SELECT 2", 0, .severalStatements, 1, 11),
            ("SELECT 1;;\nDROP TABLE t;", 0, .severalStatements, 2, 1),
            ("; SELECT 1", 0, .severalStatements, 1, 3),
            ("DELETE FROM t", 0, .notSelect("DELETE"), 1, 1),
            ("-- SELECT\n insert into t", 0, .notSelect("insert"), 2, 2),
            ("((EXPLAIN SELECT 1))", 0, .notSelect("EXPLAIN"), 1, 3),
            ("\"select\" 1", 0, .notSelect("\"select\""), 1, 1),
            ("SELECT 1) UNION (SELECT 2", 0, .strayParenthesis, 1, 9),
            ("SELECT (1", 0, .unclosedParenthesis, 1, 8),
            ("(", 0, .unclosedParenthesis, 1, 1),
        ] as [(String, Int, StatementError.Problem, Int, Int)]) func refuses(
            sql: String, count: Int, problem: StatementError.Problem, line: Int, column: Int
        )
    {
        let error = #expect(throws: StatementError.self) { try SelectText(sql, parameterCount: count) }
        #expect(error?.problem == problem)
        #expect(error?.place?.line == line)
        #expect(error?.place?.column == column)
    }

    @Test(arguments: ["", " \n", "-- SELECT 1", ";", ";;--"]) func refusesNothing(sql: String) {
        let error = #expect(throws: StatementError.self) { try SelectText(sql, parameterCount: 0) }
        #expect(error?.problem == .empty)
    }

    @Test(
        arguments: [
            ("SELECT $1", true),
            ("SELECT a, ($1)::numeric(10, 2) FROM t", true),
            ("SELECT DISTINCT ON (a) $1::int FROM t", true),
            ("SELECT a IS DISTINCT FROM b, $1 FROM t", true),
            ("SELECT x.* FROM (SELECT $1::int) AS x", true),
            ("WITH x AS (SELECT ALL $1) TABLE x", true),
            ("SELECT (SELECT $1)", true),
            ("SELECT $1 AS a, ($1::numeric(10, 2)) AS b FROM t", false),
            ("SELECT a FROM t WHERE i = $1", false),
            ("SELECT a, coalesce(b, $1) FROM t WHERE i IN (1, $1)", false),
            ("VALUES ($1, $1)", false),
        ] as [(String, Bool)]) func knowsWhenAColumnMayBeNamedAfterAParameter(sql: String, expected: Bool) throws
    {
        #expect(try SelectText(sql, parameterCount: 1).mayNameColumnAfterParameter == expected)
    }
}
