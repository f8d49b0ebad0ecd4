import ArgumentParser
import Glibc
import Postgres
import Reactor
import RefreshService

/// `rekindle triggers`: makes Postgres notify the channels when rows of the configured tables change.
struct Triggers: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes the triggers of [tables.*], which tell of changed rows.",
        discussion: """
            Prints the SQL, unless --apply carries it out, --diff compares it with what there is, or --drop removes what \
            was made. Each needs the database, for the types of key columns and for partitions, and is one transaction; \
            only --apply and --drop write. --url names a role that owns the tables, where the configured one may not \
            make triggers. --diff ends with 1 when something differs. Faults of the configuration, also those that \
            only the database shows, end it with 78 (EX_CONFIG), a right that is missing with 77 (EX_NOPERM), a table \
            that stays locked with 75 (EX_TEMPFAIL), and a server that can not be reached with 69 (EX_UNAVAILABLE).
            """)

    @OptionGroup var file: ConfigurationFile

    @Flag(help: "Print the SQL that makes the triggers; this is the default.")
    var print = false

    @Flag(help: "Make the triggers, and remove those of tables that are configured no more.")
    var apply = false

    @Flag(help: "Show how the database differs from the configuration.")
    var diff = false

    @Flag(help: "Remove all triggers that were made for this instance.")
    var drop = false

    @Option(help: "The database to work on, and as whom, instead of the configured one.")
    var url: String?

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        if [print, apply, diff, drop].count(where: \.self) > 1 {
            throw ValidationError("Give one of --print, --apply, --diff and --drop.")
        }
    }

    private var action: TriggerWork.Action { apply ? .apply : diff ? .diff : drop ? .drop : .print }

    func run() throws {
        let configuration: Configuration
        do throws(ConfigurationError) {
            configuration = try Configuration.load(path: file.config, environment: .current)
        } catch {
            for fault in error.faults { standardError("\(fault)") }
            throw ExitCode(EX_CONFIG)
        }
        switch EventLoop.shared.answer({ [action, url] in await Self.run(action, configuration, url) }) {
        case .success(let outcome):
            TriggerReport(action: action, outcome: outcome).print(asJSON: json)
            if !outcome.faults.isEmpty { throw ExitCode(EX_CONFIG) }
            if action == .diff, !outcome.differences.isEmpty { throw ExitCode(1) }
        case .failure(let error):
            standardError("rekindle: \(Self.sentence(about: error))")
            throw ExitCode(Self.code(of: error))
        case nil: break
        }
    }

    @Loop
    private static func run(
        _ action: TriggerWork.Action, _ configuration: Configuration, _ url: String?
    ) async -> Result<TriggerOutcome, PostgresError> {
        do throws(PostgresError) {
            return .success(try await TriggerWork.run(action, configuration, url: url))
        } catch {
            return .failure(error)
        }
    }

    /// What happened and what to do; nothing was changed.
    private static func sentence(about error: PostgresError) -> String {
        let advice: String
        switch code(of: error) {
        case EX_NOPERM: advice = "Name a role that may make the triggers with --url, or run what --print shows as one."
        case EX_TEMPFAIL: advice = "A table stayed locked by others; run it again."
        case EX_SOFTWARE: advice = "Nothing was changed."
        default: return "\(error)"
        }
        return "\(error.message) (SQLSTATE \(error.sqlState ?? "")). \(advice)"
    }

    private static func code(of error: PostgresError) -> Int32 {
        switch error.sqlState {
        case "42501": EX_NOPERM
        case "55P03", "40P01": EX_TEMPFAIL
        default: error.code == .server ? EX_SOFTWARE : EX_UNAVAILABLE
        }
    }
}
