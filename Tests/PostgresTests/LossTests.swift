import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct LossTests {
    @Loop @Test func aSessionEndedWhileIdleIsNoticed() async throws {
        let url = try PostgresServer.shared().url()
        let (victim, other) = (try await Database.connect(url), try await Database.connect(url))
        let closed = Waiter<PostgresError>()
        victim.onClosed = { closed.give($0) }
        _ = try await other.cell("SELECT pg_terminate_backend(\(victim.backendPID))")
        let error = try await closed.wait(timeout: Database.patience)
        #expect(error.code == .connectionLost)
        #expect(error.sqlState == "57P01")
        #expect(error.disposition == .reconnect)
        #expect(!victim.isOpen)
    }

    @Loop @Test func aSessionEndedDuringAStatementFailsIt() async throws {
        let url = try PostgresServer.shared().url()
        let (victim, other) = (try await Database.connect(url), try await Database.connect(url))
        try await victim.prepare("p", "SELECT pg_sleep(60)", timeout: Database.patience)
        var none = ParameterBuffer()
        try victim.send(prepared: "p", &none)
        try await other.until(
            "SELECT wait_event = 'PgSleep' FROM pg_stat_activity WHERE pid = \(victim.backendPID)")
        _ = try await other.cell("SELECT pg_terminate_backend(\(victim.backendPID))")
        let error = await Database.failure { _ = try await victim.result(timeout: Database.patience) }
        #expect(error?.code == .connectionLost)
        #expect(error?.sqlState == "57P01")
        #expect(error?.disposition == .reconnect)
        #expect(!victim.isOpen)
    }

    @Loop @Test func aSessionEndedDuringAStreamOrPipelineFailsIt() async throws {
        let url = try PostgresServer.shared().url()
        let other = try await Database.connect(url)
        let stream = try await Database.connect(url)
        try stream.stream("SELECT repeat('x', 1000) FROM generate_series(1, 100000)", timeout: Database.patience)
        _ = try await stream.nextRow()
        let pipeline = try await Database.connect(url)
        try await pipeline.prepare("p", "SELECT pg_sleep(60)", timeout: Database.patience)
        var none = ParameterBuffer()
        try pipeline.sendPipelined(prepared: "p", executions: 3, &none)
        for victim in [stream, pipeline] {
            _ = try await other.cell("SELECT pg_terminate_backend(\(victim.backendPID), 20000)")
        }
        let first = await Database.failure { while try await stream.nextRow() != nil {} }
        #expect(first?.code == .connectionLost)
        let second = await Database.failure {
            while try await pipeline.nextAnswer(timeout: Database.patience) != nil {}
        }
        #expect(second?.code == .connectionLost)
        #expect(second?.sqlState == "57P01")
    }

    @Loop @Test func closingFreesWhoWaits() async throws {
        let connection = try await Database.connect()
        let code = await withTaskGroup(of: PostgresError.Code?.self) { group in
            group.addTask { await Self.sleep(on: connection) }
            group.addTask { await Self.close(connection) }
            var codes: [PostgresError.Code] = []
            for await code in group { if let code { codes.append(code) } }
            return codes
        }
        #expect(code == [.closed])
    }

    @Loop private static func sleep(on connection: PostgresConnection) async -> PostgresError.Code? {
        await Database.failure { try await connection.execute("SELECT pg_sleep(60)", timeout: Database.patience) }?.code
    }

    @Loop private static func close(_ connection: PostgresConnection) async -> PostgresError.Code? {
        connection.close()
        return nil
    }
}
