/// What went wrong between us and a Redis server.
///
/// Its description is a sentence with the address, without credentials, keys, values or any text of the server that
/// could hold them.
public struct RedisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The classes of failure.
    public enum Code: String, Sendable {
        /// The address can not be understood.
        case badURL
        /// No connection came about.
        case connectionFailed
        /// The connection broke.
        case connectionLost
        /// The server did not answer in time.
        case timedOut
        /// The server sent what is not RESP, or more than was asked for.
        case protocolError
        /// The connection had been closed before the command was sent.
        case closed
        /// The task that waited was cancelled.
        case cancelled
        /// The command was written with another number of arguments than announced; nothing was sent.
        case malformedCommand
        /// The server answered with a reply of another type than the command has.
        case unexpectedReply
        /// The server answered with an error: see `kind`.
        case server
    }

    /// The class of failure.
    public let code: Code
    /// What the server's error means; nil unless `code` is `server`.
    public let kind: ServerErrorKind?
    /// Whether the command may have been carried out all the same: then only a fence makes it safe to repeat.
    public let isInDoubt: Bool
    /// Where, without credentials; empty when not known.
    public let place: String
    /// What happened, in words that hold no data.
    let detail: String

    init(
        _ code: Code, kind: ServerErrorKind? = nil, at place: String = "", inDoubt: Bool = false, _ detail: String = ""
    ) {
        self.code = code
        self.kind = kind
        self.isInDoubt = inDoubt
        self.place = place
        self.detail = detail
    }

    /// Reads an error reply's text, without its leading `-`.
    public init(serverText text: String, at place: String = "") {
        let kind = ServerErrorKind(serverText: text)
        self.init(.server, kind: kind, at: place, kind == .unknown ? Self.prefix(of: text) : "")
    }

    /// Of a text that is not known only its first word, when that looks like a code.
    private static func prefix(of text: String) -> String {
        let word = text.prefix { $0 != " " }
        let isCode = word.count <= 24 && !word.isEmpty && word.allSatisfy { ("A"..."Z").contains($0) || $0 == "_" }
        return isCode ? String(word) : ""
    }

    /// One or two sentences: what happened, where, and what to do.
    public var description: String {
        let server = place.isEmpty ? "Redis" : "Redis at \(place)"
        return switch code {
        case .badURL: "The Redis URL can not be used: \(detail)."
        case .connectionFailed: "\(server) can not be reached: \(detail). Check that it runs and that we may connect."
        case .connectionLost: "The connection to \(server) broke: \(detail).\(doubt)"
        case .timedOut: "\(server) did not answer within \(detail). Check that it is not stopped or overloaded.\(doubt)"
        case .protocolError: "\(server) does not speak the Redis protocol as expected: \(detail). Check the address."
        case .closed: "The connection to \(server) is closed.\(doubt)"
        case .cancelled: "The wait for \(server) was cancelled.\(doubt)"
        case .malformedCommand: "A command for \(server) was written wrongly: \(detail). This is a defect; report it."
        case .unexpectedReply: "\(server) answered with a reply of an unexpected type: \(detail)."
        case .server: serverDescription(server)
        }
    }

    private var doubt: String { isInDoubt ? " Commands under way may have been carried out." : "" }

    private func serverDescription(_ server: String) -> String {
        guard let kind, kind != .unknown else {
            return "\(server) refused a command\(detail.isEmpty ? "" : " (\(detail))"). "
                + "Its text is withheld, for it may hold data; see the server's own log or MONITOR."
        }
        return "\(server) \(kind.advice)"
    }
}
