/// A request whose answer is on its way; it owns the connection.
public struct PendingReply: ~Copyable {
    let connection: ClientConnection
    private let path: String
    private var parser = ReplyParser(limit: HealthClient.answerLimit)
    private var buffer = [UInt8](repeating: 0, count: 65_536)

    init(_ connection: ClientConnection, path: String) {
        self.connection = connection
        self.path = path
    }

    deinit { connection.close() }

    /// The answer, if some of it comes within the time and it is then complete; to be asked until it is.
    public mutating func reply(within limit: Duration) throws(HealthError) -> HealthReply? {
        guard connection.isReadable(within: limit) else {
            // The deadline of the connection ends it.
            try connection.checkDeadline()
            return nil
        }
        let count = try connection.receive(&buffer)
        do throws(ReplyParser.Fault) {
            return count == 0 ? try parser.end() : try parser.receive(buffer[..<count])
        } catch {
            switch error {
            case .malformed: throw .answerMalformed(path: path)
            case .tooLarge: throw .answerTooLarge(path: path, limit: HealthClient.answerLimit)
            }
        }
    }
}
