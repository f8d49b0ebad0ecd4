/// The fields of an error or notice that the server sent.
struct ServerReport {
    /// One field of it, by the letter that the protocol gives it.
    enum Field: UInt8 {
        case severity = 0x56  // V, never translated
        case sqlState = 0x43  // C
        case primary = 0x4D  // M
        case position = 0x50  // P
        case function = 0x52  // R
    }

    let severity: String
    let sqlState: String?
    let position: Int?
    private let primary: String
    private let function: String

    /// Takes the fields out of what `field` reads.
    init(_ field: (Field) -> String?) {
        severity = field(.severity) ?? "ERROR"
        sqlState = field(.sqlState)
        position = field(.position).flatMap { Int($0) }
        primary = field(.primary) ?? ""
        function = field(.function) ?? ""
    }

    /// Whether the server ends the connection with it.
    var endsConnection: Bool { severity == "FATAL" || severity == "PANIC" }

    /// Classes whose primary messages name tables, columns, roles and limits, and never a value.
    private static let speakable: Set<String> = [
        "00", "01", "08", "0A", "21", "25", "26", "28", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX",
    ]

    /// The server's words where they can not hold data, else the error's condition name.
    ///
    /// `invalid input syntax for type integer: "…"` quotes a parameter; RAISE says whatever it likes, with any code.
    var safeMessage: String {
        guard let sqlState else { return primary.isEmpty ? "Postgres gave no message" : primary }
        if Self.speakable.contains(String(sqlState.prefix(2))), function != "exec_stmt_raise" { return primary }
        return conditionNames[sqlState] ?? "an error that may quote data"
    }

    /// The error that a refused statement is.
    var error: PostgresError {
        // A change of a table under a prepared `SELECT *` comes as "feature not supported"; only its origin tells.
        let outdated = sqlState == "0A000" && function == "RevalidateCachedQuery"
        return PostgresError(
            endsConnection ? .connectionLost : .server, "Postgres refused the statement: \(safeMessage)",
            sqlState: sqlState, position: position, disposition: outdated ? .prepareAgain : nil)
    }
}
