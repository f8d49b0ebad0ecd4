import Postgres
import Redis

/// Where and as whom the daemon connects, made once of the configuration.
struct ServiceSettings {
    /// The instance's name: it names the lease, the fence and the sessions.
    let name: String
    let postgresURL: String
    let postgresPassword: [UInt8]?
    let redis: RedisSettings
    let workers: Int
    let statementTimeout: Duration
    /// How often a nonce is sent, and Redis is asked whether it still has what was written.
    let heartbeat: Duration
    /// How cached values are compared with their queries.
    let sampler: Configuration.Sampler

    /// The settings of one of the daemon's sessions; `role` is shown in `pg_stat_activity`.
    func postgres(_ role: String) -> PostgresSettings {
        PostgresSettings(
            url: postgresURL, password: postgresPassword, applicationName: "\(name) \(role)",
            connectTimeout: .seconds(10), refusesStandby: true)
    }

    /// How long a client waits for a statement: a little longer than the server allows it.
    var answerTimeout: Duration { statementTimeout + .seconds(5) }

    /// The statements that make a session harmless, so that nothing it runs can write or stay, and its answers
    /// the same bytes on every session. What is the user's choice, such as the time zone, stays the role's: see
    /// `LiveSettings.prepare`.
    var harmless: String {
        let milliseconds = max(
            1,
            statementTimeout.components.seconds * 1000
                + statementTimeout.components.attoseconds / 1_000_000_000_000_000)
        return """
            SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
            SET statement_timeout = \(milliseconds);
            SET idle_in_transaction_session_timeout = '60s';
            SET lock_timeout = 0;
            SET standard_conforming_strings = on;
            SET jit = off;
            SET extra_float_digits = 1;
            SET bytea_output = 'hex';
            SET DateStyle = 'ISO, YMD';
            SET IntervalStyle = 'postgres';
            SET xmlbinary = 'base64';
            SET quote_all_identifiers = off
            """
    }
}
