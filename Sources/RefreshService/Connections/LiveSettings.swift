import Postgres
import Reactor

/// The settings in force: a reload replaces them, and whoever connects next uses them.
@Loop
final class LiveSettings {
    var current: ServiceSettings {
        didSet { if current.postgresURL != oldValue.postgresURL { likeTheFirst = nil } }
    }

    /// The statement that gives a session what the first one took from its role and database.
    private var likeTheFirst: String?

    init(_ settings: ServiceSettings) { current = settings }

    /// Makes a session harmless, and in what it is left to itself like the first session that was prepared.
    ///
    /// For somebody may change the role's or the database's settings, and workers do not connect at the same time: one
    /// value would be spelled in two ways.
    func prepare(_ connection: PostgresConnection) async throws(PostgresError) {
        try await connection.execute(current.harmless, timeout: .seconds(10))
        if let likeTheFirst {
            do throws(PostgresError) {
                try await connection.execute(likeTheFirst, timeout: .seconds(10))
                return
            } catch {
                guard error.code == .server else { throw error }
                // What was good once is refused now, such as a time zone that is gone: this session is the first again.
            }
        }
        let answer = try await connection.execute(Self.question, timeout: .seconds(10))
        likeTheFirst = answer.string(0, 0)
    }

    /// Writes the statement that repeats a session's settings.
    private static let question = """
        SELECT 'SELECT ' || string_agg(format('pg_catalog.set_config(%L, %L, false)', name, setting), ', ')
        FROM pg_catalog.pg_settings WHERE name IN ('TimeZone', 'timezone_abbreviations', 'search_path', 'lc_monetary',
        'lc_numeric', 'lc_time', 'default_text_search_config')
        """
}
