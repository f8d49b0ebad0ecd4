import Glibc
import Postgres
import Reactor
import TestServers
import Testing

/// What the tests of this folder share: one server, and short ways to say things.
enum Database {
    static let patience = Duration.seconds(30)

    /// Connects to a database, or to the one that all tests share and leave nothing in.
    @Loop static func connect(_ url: String? = nil) async throws -> PostgresConnection {
        let url = try url ?? PostgresServer.shared().url()
        // Generous, for tests that arrange things with `psql` hold the loop up.
        let settings = PostgresSettings(url: url, applicationName: "tests", connectTimeout: patience)
        return try await PostgresConnection.connect(settings)
    }

    /// The error that `body` throws, or nil.
    @Loop static func failure(_ body: @Loop () async throws -> Void) async -> PostgresError? {
        do {
            try await body()
            return nil
        } catch {
            return error as? PostgresError
        }
    }

    /// The resident memory of this process, in bytes.
    static var residentBytes: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { return 0 }
        let words = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self).split(separator: " ")
        return (words.count > 1 ? Int(words[1]) ?? 0 : 0) * 4096
    }
}

extension PostgresConnection {
    /// All cells of a statement's last result.
    func table(_ sql: String) async throws -> [[String?]] {
        let result = try await execute(sql, timeout: Database.patience)
        return (0..<result.rowCount).map { row in (0..<result.columnCount).map { result.string(row, $0) } }
    }

    /// The one cell of a statement's result.
    func cell(_ sql: String) async throws -> String? { try await table(sql).first?.first ?? nil }

    /// Waits until a statement says "t".
    func until(_ sql: String) async throws {
        let deadline = EventLoop.now + Database.patience.nanoseconds
        while try await cell(sql) != "t" {
            try #require(EventLoop.now < deadline, "still not so: \(sql)")
        }
    }
}

extension ParameterBuffer {
    /// A buffer of these parameters; nil is NULL.
    init(_ parameters: [String?]) {
        self.init()
        for parameter in parameters {
            if let parameter { append(parameter: parameter) } else { appendNull() }
        }
    }
}
