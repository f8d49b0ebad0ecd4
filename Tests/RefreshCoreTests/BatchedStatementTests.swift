import Testing

@testable import RefreshCore

@Suite struct BatchedStatementTests {
    private func statement(
        _ sql: String, parameters: [String] = ["id"], types: [ParameterType] = [.int4], columns: [String] = ["a"],
        result: ResultShape = .row, format: ValueFormat = .json, missing: MissingPolicy = .delete, warm: String? = nil,
        limit: Int = 8_000
    ) throws -> BatchedStatement {
        let query = Query(
            name: QueryName("item"), region: RegionName("items"), key: try KeyTemplate("k"), parameters: parameters,
            sql: sql, result: result, missing: missing, warm: warm)
        return try BatchedStatement(query, format: format, limit: limit, types: types, columns: columns)
    }

    private let unnest = " FROM unnest($1::int4[]) WITH ORDINALITY AS _rk(_rk_p1, _rk_ord)"
    private let select = "SELECT a FROM t WHERE i = $1"
    private let user = "(SELECT a FROM t WHERE i = (_rk._rk_p1)\n) AS _rk_q"

    private let ofText = "CASE WHEN octet_length(_rk_s.value) > 8000 THEN chr(1) || octet_length(_rk_s.value) "
    private let ofRow =
        "CASE WHEN pg_column_size(_rk_s.value) > 8004 "
        + "THEN json_build_array(octet_length(_rk_s.value::text)) ELSE _rk_s.value END AS value FROM ("
    private let guardEnd = " OFFSET 0) AS _rk_s"

    @Test(
        arguments: [
            (ResultShape.row, ValueFormat.json, MissingPolicy.delete, "to_json(_rk_q.*)", ""),
            (.row, .dogpile, .null, "to_json(_rk_q.*)", ""),
            (.rows, .json, .delete, "'[' || string_agg(to_json(_rk_q.*)::text, ',') || ']'", ""),
            (.rows, .json, .empty, "'[' || coalesce(string_agg(to_json(_rk_q.*)::text, ','), '') || ']'", ""),
            (.scalar, .json, .delete, "coalesce(to_json(_rk_q._rk_v)::text, 'null')", "(_rk_v)"),
            (.scalar, .text, .delete, "_rk_q._rk_v::text", "(_rk_v)"),
        ] as [(ResultShape, ValueFormat, MissingPolicy, String, String)]) func batches(
            result: ResultShape, format: ValueFormat, missing: MissingPolicy, value: String, alias: String
        ) throws
    {
        let made = try statement(select, result: result, format: format, missing: missing)
        #expect(made.layout == .value)
        let escapes = "WHEN ascii(_rk_s.value) = 1 THEN chr(1) || chr(1) || _rk_s.value "
        let text = ofText + (format == .text ? escapes : "") + "ELSE _rk_s.value END AS value FROM ("
        #expect(
            made.batched == "SELECT _rk_s.ord, " + (result == .row ? ofRow : text)
                + "SELECT _rk._rk_ord AS ord, (SELECT \(value) FROM \(user)\(alias)) AS value\(unnest)\(guardEnd)")
        #expect(made.mark == (result == .row ? UInt8(ascii: "[") : 1))
    }

    @Test func aHashHasAFlagAndItsOwnColumns() throws {
        let made = try statement(select, format: .hash)
        #expect(made.layout == .fields)
        #expect(
            made.batched == "SELECT _rk._rk_ord AS ord, _rk_l.*, CASE WHEN _rk_l._rk_found IS NULL THEN "
                + "(SELECT octet_length(concat(_rk_q.\"a\")) FROM \(user)) END AS size\(unnest) LEFT JOIN LATERAL (SELECT "
                + "CASE row_number() OVER () WHEN 1 THEN true ELSE (VALUES (true), (true)) END AS _rk_found, _rk_q.* "
                + "FROM \(user)) AS _rk_l ON CASE WHEN coalesce(pg_column_size(_rk_l.\"a\"), 0) > 1000 "
                + "THEN octet_length(concat(_rk_l.\"a\")) ELSE 0 END <= 8000")
        #expect(made.mark == nil)
    }

    @Test func withoutParametersThereIsOnlyTheSingleForm() throws {
        let made = try statement("SELECT a FROM t -- all", parameters: [], types: [])
        #expect(made.batched == nil)
        #expect(
            made.single == "SELECT _rk_s.ord, \(ofRow)SELECT _rk._rk_ord AS ord, (SELECT to_json(_rk_q.*) FROM "
                + "(SELECT a FROM t -- all\n) AS _rk_q) AS value FROM (SELECT 1::int8) AS _rk(_rk_ord)\(guardEnd)")
    }

    @Test(arguments: ["integer[]", "text[]", "box", "shop.geometry"]) func anArrayIsNotBatched(type: String) throws {
        let made = try statement(select, types: [ParameterType(name: type)])
        #expect(made.batched == nil)
        #expect(made.single.contains("i = $1\n"))
    }

    @Test func warmCastsToTheParametersTypes() throws {
        let made = try statement(
            "SELECT a FROM t WHERE i = $2 AND b = $1", parameters: ["b", "i"], types: [.textLike("text"), .int4],
            warm: "SELECT b, i FROM t; -- all")
        let source = "(SELECT b, i FROM t -- all\n) AS _rk(_rk_p1, _rk_p2)"
        let keys = "_rk._rk_p1::text::text AS p1, _rk._rk_p2::int4::text AS p2"
        let inner = "(SELECT a FROM t WHERE i = (_rk._rk_p2::int4) AND b = (_rk._rk_p1::text)\n) AS _rk_q"
        let whole = " WHERE _rk._rk_p1 IS NOT NULL AND _rk._rk_p2 IS NOT NULL"
        #expect(made.warmKeys == "SELECT \(keys) FROM \(source)\(whole)")
        #expect(
            made.warm == "SELECT _rk_s.p1, _rk_s.p2, \(ofRow)SELECT \(keys), (SELECT to_json(_rk_q.*) FROM \(inner)) "
                + "AS value FROM \(source)\(whole)\(guardEnd)")
        #expect(
            made.warmJoined == "SELECT _rk_s.p1, _rk_s.p2, \(ofRow)SELECT \(keys), _rk_l.value FROM \(source) "
                + "LEFT JOIN LATERAL (SELECT to_json(_rk_q.*) AS value FROM \(inner)) AS _rk_l ON true\(whole)"
                + guardEnd)
    }

    @Test func ourNamesAreNoneOfTheUsers() throws {
        let made = try statement("SELECT k.a FROM t k, u _RK, v _rk2x WHERE k.i = $1")
        #expect(made.batched?.contains("k.i = (_rk3._rk3_p1)") == true)
    }

    // A quote with a combining mark behind it is one Character, and still a quote to Postgres.
    @Test(arguments: ["", "\u{301}"])
    func columnsKeepTheirNamesWhereAParameterWouldGiveIts(mark: String) throws {
        let made = try statement("SELECT $1::int", columns: ["we\"\(mark)ird"], warm: "SELECT 1")
        let names = "AS _rk_q(\"we\"\"\(mark)ird\")"
        #expect(made.batched?.contains(names) == true)
        #expect(made.warm?.contains(names) == true)
        #expect(!made.single.contains(names))
    }

    @Test func refusesWhatTheFormatCannotHold() throws {
        func problem(_ make: @autoclosure () throws -> BatchedStatement) -> StatementError.Problem? {
            #expect(throws: StatementError.self) { try make() }?.problem
        }
        #expect(problem(try statement(select, result: .rows, format: .hash)) == .unfitFormat(.hash, .rows))
        #expect(problem(try statement(select, result: .row, format: .text)) == .unfitFormat(.text, .row))
        #expect(problem(try statement(select, columns: ["a", "b"], result: .scalar)) == .scalarColumns(count: 2))
        #expect(problem(try statement(select, columns: ["a", "b", "a"])) == .repeatedColumn("a"))
        #expect(problem(try statement(select, types: [])) == .typeCount(types: 0, parameters: 1))
        #expect(problem(try statement("TABLE t", parameters: [], types: [], warm: "TABLE t")) == .needlessWarm)
    }

    @Test func tellsFaultsOfWarmApart() throws {
        let error = #expect(throws: StatementError.self) { try statement(select, warm: "SELECT $1") }
        #expect(error?.source == .warm)
        #expect(
            error?.description
                == "warm, line 1, column 8: $1 stands here, where there are no parameters; remove it, or add it to params"
        )
    }
}
