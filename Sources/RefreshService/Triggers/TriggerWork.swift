public import Postgres
import Reactor
public import RefreshCore

/// What came of one run of `rekindle triggers`.
public struct TriggerOutcome: Sendable {
    /// The configured tables as the database has them.
    public let tables: [TriggerTable]
    /// What differed, or what was removed.
    public let differences: [TriggerDifference]
    /// How many triggers there are to be.
    public let count: Int
    /// The SQL that makes everything.
    public let script: String
    /// What the database says against the configuration; then nothing was done.
    public let faults: [Fault]
}

/// Carries out `rekindle triggers`: everything in one transaction.
public enum TriggerWork {
    /// What is to be done.
    public enum Action: Sendable {
        /// Make the SQL, and do nothing.
        case print
        /// Compare.
        case diff
        /// Make what differs as it is to be.
        case apply
        /// Remove all that was made for the instance.
        case drop
    }

    /// Does it on the configured database, or on that of `url`; throws when it can not be reached or refuses.
    @Loop
    public static func run(
        _ action: Action, _ configuration: Configuration, url: String?
    ) async throws(PostgresError) -> TriggerOutcome {
        let settings = ServiceSettings(configuration)
        var session = settings.postgres("triggers")
        if let url {
            session.url = url
            session.password = nil
        }
        let connection = try await PostgresConnection.connect(session)
        defer { connection.close() }
        let reader = TriggerReader(connection)
        let writes = action == .apply || action == .drop
        try await connection.execute(TriggerScript.begin(writes: writes), timeout: .seconds(10))
        let site = try await reader.site(configuration.service.name)
        if action == .drop { return try await drop(site, reader) }

        var tables: [TriggerTable] = []
        var faults: [Fault] = []
        for tracked in configuration.tables {
            let answer = try await reader.table(tracked)
            faults += answer.faults
            guard let table = answer.table else { continue }
            if tables.contains(where: { $0.name == table.name }) {
                faults.append(tracked.fault("the table \("\(table.name)".quoted) is configured twice, by two names"))
            } else {
                tables.append(table)
            }
        }
        let wanted = tables.map { TriggerFunction($0, at: site).name }
        let functions = try await reader.functions(marked: site.mark, named: wanted)
        let triggers = try await reader.triggers(calling: functions.map(\.name))
        let comparison = TriggerComparison(tables, at: site, foundFunctions: functions, foundTriggers: triggers)
        if action == .apply, faults.isEmpty, !comparison.differences.isEmpty {
            try await connection.execute(comparison.mending, timeout: .seconds(600))
            try await connection.execute("COMMIT", timeout: .seconds(60))
        }
        return TriggerOutcome(
            tables: tables, differences: comparison.differences, count: comparison.triggers.count,
            script: TriggerScript.text(comparison, of: tables, at: site), faults: faults.sorted())
    }

    @Loop
    private static func drop(_ site: TriggerSite, _ reader: TriggerReader) async throws(PostgresError) -> TriggerOutcome
    {
        let functions = try await reader.functions(marked: site.mark, named: [])
        if !functions.isEmpty {
            let removal = TriggerComparison.removal(of: functions)
            try await reader.connection.execute(removal, timeout: .seconds(600))
            try await reader.connection.execute("COMMIT", timeout: .seconds(60))
        }
        let comparison = TriggerComparison([], at: site, foundFunctions: functions, foundTriggers: [])
        return TriggerOutcome(tables: [], differences: comparison.differences, count: 0, script: "", faults: [])
    }
}
