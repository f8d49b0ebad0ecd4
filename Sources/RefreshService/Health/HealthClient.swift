import Glibc
import Systemd

/// Asks a daemon for its state over its Unix socket, one request a connection.
///
/// A value; calls block the calling thread for at most the timeout.
public struct HealthClient: Sendable {
    /// Most bytes of an answer.
    public static let answerLimit = 16 * 1_024 * 1_024

    /// The daemon's socket.
    public let path: String

    /// From the call to its end.
    public let timeout: Duration

    /// A client of the daemon that serves the socket.
    public init(path: String, timeout: Duration = .seconds(5)) {
        self.path = path
        self.timeout = timeout
    }

    /// GETs the target, a path with an optional query.
    public func get(_ target: String) throws(HealthError) -> HealthReply { try ask("GET", target) }

    /// Asks by a method for the target, a path with an optional query.
    public func ask(_ method: String, _ target: String) throws(HealthError) -> HealthReply {
        var request = try begin(method, target)
        while true {
            if let reply = try request.reply(within: timeout) { return reply }
        }
    }

    /// Asks, and leaves it to the caller when to look for the answer, which must come within the client's timeout.
    public func begin(_ method: String, _ target: String) throws(HealthError) -> PendingReply {
        guard target.hasPrefix("/"), target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .targetUnusable
        }
        guard let address = UnixAddress(path: path) else { throw .pathUnusable(path: path) }
        let request = PendingReply(try ClientConnection(path: path, timeout: timeout), path: path)
        try request.connection.connect(address)
        let head = "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        try request.connection.send(Array(head.utf8))
        return request
    }
}
