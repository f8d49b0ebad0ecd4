/// What is best done about a Postgres error; policy switches on it.
public enum Disposition: String, Sendable {
    /// The same statement may succeed later on the same connection.
    case retry
    /// The prepared statement is gone or out of date: prepare it again, then retry.
    case prepareAgain
    /// The connection is of no more use: make a new one, then retry.
    case reconnect
    /// The statement or its parameters are at fault: others may go on, this one is set aside.
    case park
    /// Somebody has to change a setting, a role or a database: retry slowly and say so.
    case configuration
    /// The program is at fault: nothing that is retried will help.
    case fatal

    init(_ code: PostgresError.Code, sqlState: String?) {
        self = sqlState.flatMap(Disposition.init(sqlState:)) ?? Disposition(code)
        // Whatever the server said, a connection that is gone must be made anew before anything is retried.
        let gone = code == .connectionLost || code == .connectionFailed
        if gone, self == .retry || self == .park || self == .prepareAgain { self = .reconnect }
    }

    private init(_ code: PostgresError.Code) {
        switch code {
        case .invalidSettings: self = .configuration
        case .connectionFailed, .connectionLost, .timedOut, .cancelled, .protocolViolation, .closed: self = .reconnect
        case .server: self = .park
        case .misuse: self = .fatal
        }
    }

    /// By code first, then by class, the first two characters; nil is a class that tells nothing.
    init?(sqlState: String) {
        switch sqlState {
        // The statement itself was too slow, was locked out, or is no longer known to this session.
        case "57014": self = .park
        case "55P03", "55006": self = .retry
        case "26000": self = .prepareAgain
        // A session limit that ends the connection.
        case "25P03": self = .reconnect
        // "The database system is starting up" and its kin are over when a new connection succeeds.
        case "57P01", "57P02", "57P03", "57P05": self = .reconnect
        case "57P04": self = .configuration
        default:
            switch sqlState.prefix(2) {
            case "08": self = .reconnect
            case "28", "3D": self = .configuration
            case "40", "53", "58": self = .retry
            case "0A", "20", "21", "22", "23", "25", "42", "54", "55", "57", "P0", "XX": self = .park
            default: return nil
            }
        }
    }

    /// A sentence for who reads the log.
    var advice: String {
        switch self {
        case .retry: "It is tried again."
        case .prepareAgain: "The statement is prepared again."
        case .reconnect: "A new connection is needed."
        case .park: "Correct the statement or its parameters."
        case .configuration: "Check the Postgres URL, the role and its credentials, and that the database exists."
        case .fatal: "This is a fault of the program; please report it."
        }
    }
}
