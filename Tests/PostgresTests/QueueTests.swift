import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

/// Executions that are sent one behind the other.
@Suite(.onLoop) struct QueueTests {
    @Loop private func enqueue(_ connection: PostgresConnection, _ value: String) throws {
        var parameters = ParameterBuffer([value])
        try connection.enqueue(prepared: "p", &parameters)
    }

    /// The first cell of the next answer, or the SQLSTATE of its failure.
    @Loop private func answer(_ connection: PostgresConnection) async throws -> String {
        do throws(PostgresError) {
            return try await connection.result(timeout: Database.patience).string(0, 0) ?? "none"
        } catch {
            return error.sqlState ?? "\(error)"
        }
    }

    @Loop private func connection(_ sql: String) async throws -> PostgresConnection {
        let connection = try await Database.connect()
        try await connection.prepare("p", sql, timeout: Database.patience)
        return connection
    }

    @Loop @Test func answersComeInTheirOrder() async throws {
        let connection = try await connection("SELECT 100 / $1::int")
        for _ in 0..<3 {
            for value in ["1", "2", "5"] { try enqueue(connection, value) }
            #expect(try await answer(connection) == "100")
            try enqueue(connection, "10")
            #expect(try await answer(connection) == "50")
            #expect(try await answer(connection) == "20")
            #expect(try await answer(connection) == "10")
            #expect(try await connection.cell("SELECT 'free'") == "free")
        }
    }

    @Loop @Test func oneAtATimeAndThenOneBehind() async throws {
        let connection = try await connection("SELECT repeat($1, 100000)")
        for round in 0..<200 {
            try enqueue(connection, "a")
            if round % 3 == 1 { try enqueue(connection, "b") }
            #expect(try await answer(connection).utf8.first == UInt8(ascii: "a"))
            if round % 3 == 1 { #expect(try await answer(connection).utf8.first == UInt8(ascii: "b")) }
            if round % 5 == 0 { #expect(try await connection.cell("SELECT 'free'") == "free") }
        }
    }

    @Loop @Test func oneFailureTouchesNoOther() async throws {
        let connection = try await connection("SELECT 100 / $1::int")
        for value in ["4", "0", "x", "5"] { try enqueue(connection, value) }
        var answers: [String] = []
        for _ in 0..<4 { answers.append(try await answer(connection)) }
        #expect(answers == ["25", "22012", "22P02", "20"])
        #expect(try await connection.cell("SELECT 'still here'") == "still here")
    }

    @Loop @Test func theServerDoesNotWaitForTheAnswerToBeTaken() async throws {
        let connection = try await connection("SELECT pg_current_xact_id()::text, pg_advisory_lock($1::int)")
        for value in ["71", "72"] { try enqueue(connection, value) }
        let other = try await Database.connect()
        try await other.until(
            "SELECT count(*) = 2 FROM pg_locks WHERE locktype = 'advisory' AND pid = \(connection.backendPID)")
        let transactions = [try await answer(connection), try await answer(connection)]
        #expect(Set(transactions).count == 2, "each is a transaction of its own")
    }

    @Loop @Test func aLostConnectionFailsThemAll() async throws {
        let other = try await Database.connect()
        try await other.execute("SELECT pg_advisory_lock(73)", timeout: Database.patience)
        let connection = try await connection("SELECT pg_advisory_lock($1::int)")
        for value in ["73", "74"] { try enqueue(connection, value) }
        try await other.until(
            "SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND pid = \(connection.backendPID)")
        try await other.execute("SELECT pg_terminate_backend(\(connection.backendPID))", timeout: Database.patience)
        #expect(try await answer(connection) == "57P01")
        #expect(!connection.isOpen)
        let error = await Database.failure { _ = try await connection.result(timeout: Database.patience) }
        #expect(error != nil)
    }

    @Loop @Test func nothingElseCanBeAskedBetweenThem() async throws {
        let connection = try await connection("SELECT $1::text")
        try enqueue(connection, "a")
        let error = await Database.failure { _ = try await connection.execute("SELECT 1", timeout: Database.patience) }
        #expect(error?.code == .misuse)
        #expect(try await answer(connection) == "a")
        let none = await Database.failure { _ = try await connection.result(timeout: Database.patience) }
        #expect(none?.code == .misuse)
    }
}
