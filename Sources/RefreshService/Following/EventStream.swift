import Systemd

/// Events that a daemon sends over its Unix socket, one after the other.
///
/// Not Sendable: calls block the calling thread. Closed when it is let go.
public final class EventStream {
    /// The id after which to go on, should it end: behind the last event that was given out.
    public var lastID: String { events.isEmpty ? parser.lastID : lastGiven }

    private let path: String
    private var connection: ClientConnection
    private var parser = EventStreamParser()
    private var events: [FollowedEvent] = []
    private var lastGiven = ""
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(_ connection: ClientConnection, path: String, begun: ArraySlice<UInt8>) throws(HealthError) {
        self.connection = connection
        self.path = path
        try take(begun)
    }

    deinit { connection.close() }

    /// The next event; nil when the daemon has ended the stream.
    ///
    /// Throws `timedOut` when nothing at all comes for `silence`, for the daemon sends a line every 15 seconds; and when
    /// no event comes for `limit`.
    public func next(silence: Duration = .seconds(50), limit: Duration? = nil) throws(HealthError) -> FollowedEvent? {
        let end = limit.map { ContinuousClock.now + $0 }
        while events.isEmpty {
            connection.allow(min(silence, end.map { $0 - .now } ?? silence))
            let count = try connection.receive(&buffer)
            if count == 0 { return nil }
            lastGiven = parser.lastID
            try take(buffer[..<count])
        }
        let event = events.removeFirst()
        lastGiven = event.id
        return event
    }

    private func take(_ part: ArraySlice<UInt8>) throws(HealthError) {
        var found: [FollowedEvent] = []
        do { try parser.receive(part, into: &found) } catch { throw HealthError.answerMalformed(path: path) }
        events += found
    }
}

extension HealthClient {
    /// What a request to follow leads to.
    public enum FollowAnswer {
        /// Events come.
        case events(EventStream)
        /// There is nothing to follow, for the reason given.
        case refused(HealthReply)
    }

    /// Follows events: `target` is `/events` with its query, `last` the id of the last event that was heard.
    public func follow(_ target: String, after last: String? = nil) throws(HealthError) -> FollowAnswer {
        let isPlain = ((last ?? "") + target).utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard target.hasPrefix("/"), isPlain else { throw .targetUnusable }
        guard let address = UnixAddress(path: path) else { throw .pathUnusable(path: path) }
        let connection = try ClientConnection(path: path, timeout: timeout)
        do throws(HealthError) {
            try connection.connect(address)
            let goOn = last.map { "Last-Event-ID: \($0)\r\n" } ?? ""
            try connection.send(Array("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\(goOn)\r\n".utf8))
            return try answer(connection)
        } catch {
            connection.close()
            throw error
        }
    }

    private func answer(_ connection: ClientConnection) throws(HealthError) -> FollowAnswer {
        var parser = ReplyParser(limit: Self.answerLimit)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = try connection.receive(&buffer)
            do throws(ReplyParser.Fault) {
                let reply = count == 0 ? try parser.end() : try parser.receive(buffer[..<count])
                if let reply {
                    connection.close()
                    return .refused(reply)
                }
            } catch {
                throw .answerMalformed(path: path)
            }
            guard let begun = parser.openBody else { continue }
            return .events(try EventStream(connection, path: path, begun: begun))
        }
    }
}
