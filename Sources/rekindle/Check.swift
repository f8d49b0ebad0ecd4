import ArgumentParser
import Glibc
import Postgres
import Reactor
import RefreshCore
import RefreshService

/// `rekindle check`: is the configuration right, and what does the database make of its queries?
struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Checks the configuration, and with --database every query.",
        discussion: """
            Prints every fault with its file, line and column, and ends with 78 (EX_CONFIG) when there is one. With \
            --database each query is prepared on the configured server, which shows the form it gets: `batched` runs \
            many keys in one statement, `per key` runs one statement a key, in a pipeline, and a query without \
            parameters has a `single key`. A server that can not be reached ends it with 69 (EX_UNAVAILABLE).
            """)

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Prepare every query on the configured database.")
    var database = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: file.config, environment: .current)
        } catch {
            CheckReport(file: file.config, faults: error.faults, warnings: error.warnings).print(asJSON: json)
            throw ExitCode(EX_CONFIG)
        }
        var report = CheckReport(file: file.config, configuration: configuration)
        report.queries = QueryChecker.checkTexts(configuration)
        if database, report.queries.isEmpty { report.queries = try ask(configuration) }
        report.print(asJSON: json)
        if !report.isClean { throw ExitCode(EX_CONFIG) }
    }

    private func ask(_ configuration: Configuration) throws -> [QueryCheck] {
        switch EventLoop.shared.answer({ await Self.ask(configuration) }) {
        case .success(let checks): return checks
        case .failure(let error):
            standardError("rekindle: \(error)")
            throw ExitCode(EX_UNAVAILABLE)
        case nil: return []
        }
    }

    @Loop
    private static func ask(_ configuration: Configuration) async -> Result<[QueryCheck], PostgresError> {
        do throws(PostgresError) {
            return .success(try await QueryChecker.checkOnDatabase(configuration))
        } catch {
            return .failure(error)
        }
    }
}
