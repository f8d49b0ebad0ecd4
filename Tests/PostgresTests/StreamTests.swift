import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct StreamTests {
    /// Takes what is left of a stream; gives how many rows, and the sum of their first cells.
    @Loop private func drain(_ connection: PostgresConnection) async throws -> (rows: Int, sum: Int) {
        var (rows, sum) = (0, 0)
        while let row = try await connection.nextRow() {
            rows += 1
            sum += row.integer(0, 0) ?? 0
        }
        return (rows, sum)
    }

    @Loop @Test func aSlowReaderHoldsTheServerBack() async throws {
        let url = try PostgresServer.shared().url()
        let (stream, other) = (try await Database.connect(url), try await Database.connect(url))
        let before = Database.residentBytes
        try stream.stream("SELECT i, repeat('x', 1000) FROM generate_series(1, 200000) i", timeout: Database.patience)
        for number in 1...10 {
            let first = try await stream.nextRow()?.integer(0, 0)
            #expect(first == number)
        }
        let blocked = "SELECT wait_event = 'ClientWrite' FROM pg_stat_activity WHERE pid = \(stream.backendPID)"
        try await other.until(blocked)
        // Each question is a turn of the loop, in which the stream could be read.
        for _ in 0..<300 { try #require(try await other.cell(blocked) == "t") }
        let (rows, sum) = try await drain(stream)
        #expect(rows == 199_990)
        #expect(sum == 200_000 * 200_001 / 2 - 55)
        // The rows are 200 MB; what other tests need at the same time is far less.
        #expect(!MemoryBound.holds || Database.residentBytes - before < 64 << 20)
        #expect(try await stream.cell("SELECT 'still here'") == "still here")
    }

    @Loop @Test func rowsAreTakenWithoutWaiting() async throws {
        let connection = try await Database.connect()
        try connection.stream("SELECT i FROM generate_series(1, 50000) i", timeout: Database.patience)
        var (taken, waited) = (0, 0)
        var over = false
        while !over {
            switch connection.takeRow() {
            case .row: taken += 1
            case .pending:
                waited += 1
                if try await connection.nextRow() == nil { over = true } else { taken += 1 }
            case .end: over = true
            case .failed(let error): throw error
            }
        }
        #expect(taken == 50_000)
        #expect(waited < 5000)
    }

    @Loop @Test func aStreamEndsWithItsError() async throws {
        let connection = try await Database.connect()
        try connection.stream("SELECT 1 / (3 - i) FROM generate_series(1, 5) i", timeout: Database.patience)
        var rows = 0
        let error = await Database.failure { while try await connection.nextRow() != nil { rows += 1 } }
        #expect(rows == 2)
        #expect(error?.sqlState == "22012")
        #expect(try await connection.cell("SELECT 1") == "1")
        try connection.stream("SELECT 1 WHERE false", timeout: Database.patience)
        let none = try await drain(connection)
        #expect(none == (0, 0))
    }

    @Loop @Test func eachRowHasADeadline() async throws {
        let connection = try await Database.connect()
        try connection.stream("SELECT pg_sleep(60)", timeout: .milliseconds(50))
        let error = await Database.failure { while try await connection.nextRow() != nil {} }
        #expect(error?.code == .timedOut)
        #expect(!connection.isOpen)
    }

    @Loop @Test func anAbandonedStreamClosesTheConnection() async throws {
        let connection = try await Database.connect()
        try connection.stream("SELECT 1", timeout: Database.patience)
        #expect(try await drain(connection).rows == 1)
        connection.cancelStream()
        #expect(connection.isOpen)
        try connection.stream("SELECT i FROM generate_series(1, 1000000) i", timeout: Database.patience)
        _ = try await connection.nextRow()
        connection.cancelStream()
        #expect(!connection.isOpen)
    }
}
