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
    public func get(_ target: String) throws(HealthError) -> HealthReply {
        guard target.hasPrefix("/"), target.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .targetUnusable
        }
        guard let address = UnixAddress(path: path) else { throw .pathUnusable(path: path) }
        let connection = try ClientConnection(path: path, timeout: timeout)
        defer { connection.close() }
        try connection.connect(address)
        try connection.send(Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))

        var parser = ReplyParser(limit: Self.answerLimit)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = try connection.receive(&buffer)
            do throws(ReplyParser.Fault) {
                if let reply = count == 0 ? try parser.end() : try parser.receive(buffer[..<count]) { return reply }
            } catch {
                switch error {
                case .malformed: throw .answerMalformed(path: path)
                case .tooLarge: throw .answerTooLarge(path: path, limit: Self.answerLimit)
                }
            }
        }
    }
}
