import Testing

@testable import Postgres

@Suite struct ErrorTests {
    private func report(_ fields: [ServerReport.Field: String]) -> ServerReport { ServerReport { fields[$0] } }

    @Test(arguments: [
        ("08006", Disposition.reconnect), ("57P01", .reconnect), ("57P03", .reconnect), ("53300", .retry),
        ("53200", .retry), ("40001", .retry), ("40P01", .retry), ("55P03", .retry), ("57014", .park), ("25006", .park),
        ("42P01", .park), ("22P02", .park), ("21000", .park), ("23505", .park), ("28P01", .configuration),
        ("3D000", .configuration), ("57P04", .configuration), ("26000", .prepareAgain), ("ZZ999", .park),
    ])
    func aCodeTellsWhatToDo(_ sqlState: String, _ disposition: Disposition) {
        #expect(PostgresError(.server, "", sqlState: sqlState).disposition == disposition)
    }

    @Test func aLostConnectionIsNeverRetriedOnItself() {
        for state in ["40001", "53300", "25006", "57014", "26000", "ZZ999", nil] {
            #expect(PostgresError(.connectionLost, "", sqlState: state).disposition == .reconnect)
            #expect(PostgresError(.connectionFailed, "", sqlState: state).disposition == .reconnect)
        }
        #expect(PostgresError(.connectionFailed, "", sqlState: "28P01").disposition == .configuration)
    }

    @Test func aDescriptionIsASentenceWithPlaceAndCode() {
        let error = report([.sqlState: "42703", .primary: "column \"x\" does not exist", .position: "8"]).error
        #expect(
            error.description == "Postgres refused the statement: column \"x\" does not exist at character 8 of the "
                + "statement (SQLSTATE 42703). Correct the statement or its parameters.")
    }

    @Test func wordsThatMayHoldDataAreReplaced() {
        #expect(report([.sqlState: "22P02", .primary: "secret"]).safeMessage == "invalid_text_representation")
        #expect(report([.sqlState: "23505", .primary: "secret"]).safeMessage == "unique_violation")
        #expect(report([.sqlState: "UU001", .primary: "secret"]).safeMessage == "an error that may quote data")
        #expect(report([.sqlState: "42501", .primary: "denied"]).safeMessage == "denied")
        let raised = report([.sqlState: "42501", .primary: "secret", .function: "exec_stmt_raise"])
        #expect(raised.safeMessage == "an error that may quote data")
    }

    @Test func aFatalReportIsALostConnection() {
        let error = report([.severity: "FATAL", .sqlState: "57P01", .primary: "terminating"]).error
        #expect(error.code == .connectionLost)
    }

    @Test func theWordsOfEveryHostAreKept() {
        let error = ConnectFailure.error(
            """
            connection to server on socket "/a/.s.PGSQL.5432" failed: No such file or directory
            \tIs the server running locally and accepting connections on that socket?
            connection to server at "::1", port 1 failed: FATAL:  28P01: password authentication failed for user "u"
            LOCATION:  auth_failed, auth.c:339

            """)
        #expect(error.sqlState == "28P01")
        #expect(error.disposition == .configuration)
        #expect(
            error.message == """
                Postgres did not let us in: connection to server on socket "/a/.s.PGSQL.5432" failed: No such file or \
                directory. Is the server running locally and accepting connections on that socket?; connection to server \
                at "::1", port 1 failed: FATAL: password authentication failed for user "u"
                """)
    }

    @Test func aMissingPasswordIsAMatterOfConfiguration() {
        let error = ConnectFailure.error("connection to server at \"h\" failed: fe_sendauth: no password supplied\n")
        #expect(error.disposition == .configuration)
    }

    @Test func aHostThatIsUnknownMayBeHalfAPassword() {
        let error = ConnectFailure.error("could not translate host name \"ret@h\" to address: unknown\n")
        #expect(error.code == .connectionFailed)
        #expect(
            error.message
                == "A host in the Postgres URL is unknown: could not translate host name \"…\" to address: unknown")
    }

    @Test func aBrokenConnectionSaysNothingOfOlderErrors() {
        let reason = BrokenConnection.reason(
            "ERROR:  22P02: invalid input \"secret\"\nserver closed the connection unexpectedly\n\tThis probably means\n"
        )
        #expect(reason == "server closed the connection unexpectedly")
        #expect(BrokenConnection.reason("ERROR:  22P02: secret") == "the reason is not known")
    }
}
