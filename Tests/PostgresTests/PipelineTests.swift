import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct PipelineTests {
    /// The first cell of each answer, or the SQLSTATE of its failure.
    @Loop private func answers(_ connection: PostgresConnection) async throws -> [String] {
        var answers: [String] = []
        while let answer = try await connection.nextAnswer(timeout: Database.patience) {
            switch answer {
            case .success(let result): answers.append(result.string(0, 0) ?? "none")
            case .failure(let error): answers.append(error.sqlState ?? "\(error)")
            }
        }
        return answers
    }

    @Loop @Test func oneFailureTouchesNoOther() async throws {
        let connection = try await Database.connect()
        try await connection.prepare("p", "SELECT 100 / $1::int", timeout: Database.patience)
        var parameters = ParameterBuffer((0..<1000).map { $0 % 7 == 0 ? "0" : $0 % 7 == 1 ? "x" : "\($0 % 7)" })
        let expected = (0..<1000).map { ["22012", "22P02", "50", "33", "25", "20", "16"][$0 % 7] }
        for _ in 0..<2 {
            try connection.sendPipelined(prepared: "p", executions: 1000, &parameters)
            let answers = try await answers(connection)
            #expect(answers == expected)
            #expect(try await connection.cell("SELECT 'still here'") == "still here")
        }
    }

    @Loop @Test func moreThanTheSocketHoldsGoesBothWays() async throws {
        let connection = try await Database.connect()
        try await connection.prepare("p", "SELECT $1 || repeat('y', 2000), $2::text", timeout: Database.patience)
        var parameters = ParameterBuffer()
        for number in 0..<5000 {
            parameters.append(parameter: "\(number)" + String(repeating: "x", count: 2000))
            parameters.appendNull()
        }
        try connection.sendPipelined(prepared: "p", executions: 5000, &parameters)
        let lengths = try await answers(connection).map(\.utf8.count)
        #expect(lengths == (0..<5000).map { 4000 + "\($0)".utf8.count })
    }

    @Loop @Test func onlyWholeExecutionsAreTaken() async throws {
        let connection = try await Database.connect()
        var parameters = ParameterBuffer(["1", "2", "3"])
        for executions in [0, 2, -1] {
            let error = await Database.failure {
                try connection.sendPipelined(prepared: "p", executions: executions, &parameters)
            }
            #expect(error?.code == .misuse)
        }
        try await connection.prepare("none", "SELECT 7", timeout: Database.patience)
        parameters.removeAll()
        try connection.sendPipelined(prepared: "none", executions: 3, &parameters)
        #expect(try await answers(connection) == ["7", "7", "7"])
    }
}
