import Glibc

/// What can go wrong with the health socket, on either of its sides.
public enum HealthError: Error, Equatable, CustomStringConvertible {
    /// The path is empty, longer than 107 bytes or holds a NUL.
    case pathUnusable(path: String)
    /// Something that is no socket stands at the path.
    case pathOccupied(path: String)
    /// Another process answers on the path, or is just now claiming it.
    case pathServed(path: String)
    /// Listening failed.
    case listenFailed(place: String, reason: String)
    /// No socket is at the path.
    case socketAbsent(path: String)
    /// This user may not use the socket.
    case permissionDenied(path: String)
    /// The socket is there and nobody listens on it.
    case connectionRefused(path: String)
    /// Nothing, or not all of the answer, came in time.
    case timedOut(path: String, after: Duration)
    /// The answer has more bytes than allowed.
    case answerTooLarge(path: String, limit: Int)
    /// What answers does not speak the protocol, or stopped in the middle.
    case answerMalformed(path: String)
    /// The request target is no plain path.
    case targetUnusable
    /// Any other failure of the connection.
    case connectionFailed(path: String, errno: Int32)

    /// A sentence that says what happened and what to do.
    public var description: String {
        switch self {
        case .pathUnusable(let path):
            "The health socket's path \"\(path)\" is unusable: it must have 1 to 107 bytes; shorten it in [health] socket."
        case .pathOccupied(let path):
            "\(path) exists and is no socket: remove it, or name another path in [health] socket."
        case .pathServed(let path):
            "Another process serves \(path): stop that instance, or name another path in [health] socket."
        case .listenFailed(let place, let reason):
            "The health server can not listen on \(place) (\(reason)): check [health] in the configuration."
        case .socketAbsent(let path):
            "There is no socket at \(path): is the daemon running? Start it, or name the socket of its [health] section."
        case .permissionDenied(let path):
            "This user may not use \(path): join the group that owns it, or run the command as root."
        case .connectionRefused(let path):
            "Nobody listens on \(path): the daemon ended without removing it; look into its journal and start it again."
        case .timedOut(let path, let duration):
            "The daemon at \(path) did not answer within \(duration): look into its journal; it may be stuck."
        case .answerTooLarge(let path, let limit):
            "The answer from \(path) has more than \(limit) bytes: what listens there is not this daemon."
        case .answerMalformed(let path):
            "What listens at \(path) gave no complete HTTP answer: is it this daemon, and is it stopping?"
        case .targetUnusable:
            "The request target must begin with a slash and hold visible ASCII only: correct the endpoint's name."
        case .connectionFailed(let path, let code):
            "The connection to \(path) failed (\(Self.reason(code))): look into the daemon's journal."
        }
    }

    /// The system's words for an errno value.
    static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "errno \(code)"
    }
}
