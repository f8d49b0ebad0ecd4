import Glibc
import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct RequestTests {
    @Loop @Test func executeGivesTheLastResult() async throws {
        let connection = try await Database.connect()
        #expect(try await connection.table("SELECT 1; SELECT 'x' AS a, NULL, ''") == [["x", nil, ""]])
        #expect(try await connection.table("CREATE TEMP TABLE t (a int)") == [])
        #expect(try await connection.table("") == [])
    }

    @Loop @Test func cellsAreReadWhereTheyLie() async throws {
        let connection = try await Database.connect()
        let result = try await connection.execute("SELECT 42 AS n, 'abc' AS s, NULL AS z", timeout: Database.patience)
        let (names, number) = ((0..<4).map { result.columnName($0) }, result.integer(0, 0))
        #expect(names == ["n", "s", "z", ""])
        #expect(number == 42)
        let sizes = (0..<4).map { column in result.withCell(0, column) { $0.byteCount } }
        #expect(sizes == [2, 3, 0, 0])
        let byte = result.withCell(0, 1) { $0.unsafeLoad(fromByteOffset: 2, as: UInt8.self) }
        #expect(byte == UInt8(ascii: "c"))
        let nulls = [result.isNull(0, 1), result.isNull(0, 2), result.isNull(7, 0), result.isNull(0, -1)]
        #expect(nulls == [false, true, true, true])
    }

    @Loop @Test func aRefusedStatementLeavesTheConnectionOpen() async throws {
        let connection = try await Database.connect()
        let error = await Database.failure { try await connection.execute("SELECT absent", timeout: Database.patience) }
        #expect(error?.code == .server)
        #expect(error?.sqlState == "42703")
        #expect(error?.position == 8)
        #expect(error?.disposition == .park)
        #expect(error?.message.contains("column \"absent\" does not exist") == true)
        #expect(try await connection.cell("SELECT 1") == "1")
    }

    @Loop @Test func valuesAreNotInErrors() async throws {
        let connection = try await Database.connect()
        _ = try await connection.table("CREATE TEMP TABLE t (a text PRIMARY KEY); INSERT INTO t VALUES ('secret')")
        let statements = [
            "SELECT 'secret'::int", "INSERT INTO t VALUES ('secret')", "DO $$BEGIN RAISE 'secret'; END$$",
            "DO $$BEGIN RAISE 'secret' USING ERRCODE = '42501'; END$$", "SELECT 'secret' FROM absent",
        ]
        var states: [String?] = []
        for sql in statements {
            let error = await Database.failure { try await connection.execute(sql, timeout: Database.patience) }
            #expect(error?.description.contains("secret") == false)
            states.append(error?.sqlState)
        }
        #expect(states == ["22P02", "23505", "P0001", "42501", "42P01"])
    }

    @Loop @Test func aPreparedStatementIsDescribedAndForgotten() async throws {
        let connection = try await Database.connect()
        try await connection.prepare("p", "SELECT $1::int4 AS n, $2::text[] AS \"T x\"", timeout: Database.patience)
        let description = try await connection.describe(prepared: "p", timeout: Database.patience)
        #expect(description.parameterTypes == [23, 1009])
        #expect(description.columns.map(\.name) == ["n", "T x"])
        #expect(description.columns.map(\.type) == [23, 1009])
        let names = try await connection.typeNames(of: [1009, 23, 999_999], timeout: Database.patience)
        #expect(names == ["text[]", "integer", "???"])
        try await connection.deallocate("p", timeout: Database.patience)
        let error = await Database.failure {
            _ = try await connection.describe(prepared: "p", timeout: Database.patience)
        }
        #expect(error?.sqlState == "26000")
        #expect(error?.disposition == .prepareAgain)
    }

    @Loop @Test func aStatementOutOfDateIsPreparedAgain() async throws {
        let connection = try await Database.connect()
        _ = try await connection.table("CREATE TEMP TABLE t (a int)")
        try await connection.prepare("p", "SELECT * FROM t", timeout: Database.patience)
        _ = try await connection.table("ALTER TABLE t ADD b int")
        var none = ParameterBuffer()
        try connection.send(prepared: "p", &none)
        let error = await Database.failure { _ = try await connection.result(timeout: Database.patience) }
        #expect(error?.sqlState == "0A000")
        #expect(error?.disposition == .prepareAgain)
    }

    @Loop @Test func sendingDoesNotWait() async throws {
        let (first, second) = (try await Database.connect(), try await Database.connect())
        try await first.prepare("p", "SELECT $1::text, $2::text IS NULL", timeout: Database.patience)
        var parameters = ParameterBuffer(["one", nil])
        for round in 0..<100 {
            try first.send(prepared: "p", &parameters)
            parameters.removeAll()
            parameters.append("round ")
            parameters.append(UInt8(ascii: "0") + UInt8(round % 10))
            parameters.endParameter()
            parameters.appendNull()
            #expect(try await second.cell("SELECT 'other'") == "other")
            let result = try await first.result(timeout: Database.patience)
            let (text, isNull) = (result.string(0, 0), result.string(0, 1))
            #expect(text == (round == 0 ? "one" : "round \((round - 1) % 10)"))
            #expect(isNull == "t")
        }
    }

    @Loop @Test func aParameterOfManyValuesGoesThrough() async throws {
        let connection = try await Database.connect()
        try await connection.prepare(
            "p", "SELECT count(*), sum(v), $2 FROM unnest($1::int8[]) v GROUP BY 3", timeout: Database.patience)
        var parameters = ParameterBuffer()
        parameters.append("{0")
        for value in 1..<1_000_000 { parameters.append(",\(value)") }
        parameters.append("}")
        parameters.endParameter()
        parameters.append(parameter: "tail")
        #expect(parameters.byteCount > 6_000_000)
        try connection.send(prepared: "p", &parameters)
        let result = try await connection.result(timeout: Database.patience)
        let cells = (0..<3).map { result.string(0, $0) }
        #expect(cells == ["1000000", "499999500000", "tail"])
    }

    @Loop @Test func tenThousandParametersGoThrough() async throws {
        let connection = try await Database.connect()
        let sql =
            "SELECT count(*), sum(length(v)) FROM (VALUES "
            + (1...10_000).map { "($\($0)::text)" }.joined(separator: ",") + ") t(v)"
        try await connection.prepare("p", sql, timeout: Database.patience)
        var parameters = ParameterBuffer((1...10_000).map { String($0) })
        try connection.send(prepared: "p", &parameters)
        let sum = try await connection.result(timeout: Database.patience).integer(0, 1)
        #expect(sum == 9 + 180 + 2700 + 36_000 + 5)
    }

    @Loop @Test func misuseIsAnErrorAndNoTrap() async throws {
        let connection = try await Database.connect()
        var parameters = ParameterBuffer(["a\0b"])
        #expect(await Database.failure { try connection.send(prepared: "p", &parameters) }?.disposition == .park)
        #expect(await Database.failure { _ = try await connection.result(timeout: .seconds(1)) }?.code == .misuse)
        parameters = ParameterBuffer(Array(repeating: "", count: 70_000))
        #expect(await Database.failure { try connection.send(prepared: "p", &parameters) }?.code == .misuse)
        parameters = ParameterBuffer([])
        try connection.send(prepared: "absent", &parameters)
        #expect(await Database.failure { try connection.send(prepared: "p", &parameters) }?.code == .misuse)
        #expect(
            await Database.failure { _ = try await connection.result(timeout: Database.patience) }?.sqlState == "26000")
        #expect(try await connection.cell("SELECT 1") == "1")
    }

    @Loop @Test func copyIsRefused() async throws {
        let connection = try await Database.connect()
        let error = await Database.failure {
            try await connection.execute("COPY (SELECT 1) TO STDOUT", timeout: Database.patience)
        }
        #expect(error?.code == .protocolViolation)
        #expect(!connection.isOpen)
    }

    @Loop @Test func aMissedDeadlineClosesTheConnection() async throws {
        let connection = try await Database.connect()
        let error = await Database.failure {
            try await connection.execute("SELECT pg_sleep(60)", timeout: .milliseconds(20))
        }
        #expect(error?.code == .timedOut)
        #expect(!connection.isOpen)
        #expect(await Database.failure { try await connection.execute("SELECT 1", timeout: .seconds(1)) } == error)
    }

    @Loop @Test func noticesGoToTheirReader() async throws {
        let connection = try await Database.connect()
        var heard: [String] = []
        connection.onNotice = { heard.append("\($0.severity) \($0.message)") }
        _ = try await connection.table("DROP TABLE IF EXISTS absent; DO $$BEGIN RAISE WARNING 'secret'; END$$")
        #expect(heard.first == "NOTICE table \"absent\" does not exist, skipping")
        #expect(heard.count == 2)
        #expect(heard.last?.contains("secret") == false)
    }
}
