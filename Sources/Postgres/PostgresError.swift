/// What went wrong between here and Postgres, in words that are safe to log.
///
/// The server's own words are kept only where they can not hold data: see `ServerReport.safeMessage`.
public struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What kind of thing went wrong.
    public enum Code: String, Sendable {
        /// The URL or the password can not be used as they are.
        case invalidSettings
        /// No connection could be made.
        case connectionFailed
        /// The connection broke or the server ended it.
        case connectionLost
        /// A deadline passed; the connection is closed, for its state is unknown.
        case timedOut
        /// The task was cancelled; the connection is closed, for its state is unknown.
        case cancelled
        /// The server refused a statement; the connection goes on.
        case server
        /// An answer that fits no question; the connection is closed.
        case protocolViolation
        /// This side had closed the connection.
        case closed
        /// The connection was asked for something that it can not do now or with these arguments.
        case misuse
    }

    /// What kind of thing went wrong.
    public let code: Code
    /// What happened, as a phrase without its final full stop.
    public let message: String
    /// The five characters of Postgres' own error code, where the server gave one.
    public let sqlState: String?
    /// Where in the statement the error is: a character, counted from 1.
    public let position: Int?
    /// What is best done about it.
    public let disposition: Disposition

    init(
        _ code: Code, _ message: String, sqlState: String? = nil, position: Int? = nil,
        disposition: Disposition? = nil
    ) {
        self.code = code
        self.message = message
        self.sqlState = sqlState
        self.position = position
        self.disposition = disposition ?? Disposition(code, sqlState: sqlState)
    }

    /// What happened, where, and what is done about it, in whole sentences.
    public var description: String {
        let state = sqlState.map { " (SQLSTATE \($0))" } ?? ""
        let place = position.map { " at character \($0) of the statement" } ?? ""
        let words = "\(message)\(place)\(state)"
        return words + (words.hasSuffix(".") || words.hasSuffix("?") ? " " : ". ") + disposition.advice
    }
}

extension PostgresError {
    /// The task was cancelled while it waited for something else than an answer of Postgres.
    public static let cancelled = Self(.cancelled, "The wait for Postgres was cancelled")

    static func invalidSettings(_ message: String) -> Self { Self(.invalidSettings, message) }
    static func misuse(_ message: String) -> Self { Self(.misuse, message) }
    static func protocolViolation(_ message: String) -> Self { Self(.protocolViolation, message) }
    static let closed = Self(.closed, "The connection to Postgres was closed by this side")
}

extension PostgresError {
    /// The connection is given up by who uses it, for a reason of its own.
    public static func givenUp(_ reason: String) -> Self { Self(.connectionLost, reason) }
}
