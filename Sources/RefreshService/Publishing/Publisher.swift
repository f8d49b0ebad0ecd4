import Logging
import Reactor
import Redis
import RefreshCore

/// Sends messages to Redis channels and streams, outside of the writes of values.
///
/// While Redis is away it keeps them, up to a bound in bytes; above it the oldest are given up and counted, and a
/// subscriber sees by the sequence numbers that some are missing.
@Loop
final class Publisher {
    private unowned let dispatcher: Dispatcher
    private let link: RedisLink
    private let logger: Logger
    private let limit: Int
    private var backlog: [Message] = []
    private var backlogBytes = 0

    init(_ dispatcher: Dispatcher, _ link: RedisLink, limit: Int, _ logger: Logger) {
        self.dispatcher = dispatcher
        self.link = link
        self.limit = limit
        self.logger = logger
    }

    /// Messages that wait for Redis.
    var waiting: Int { backlog.count }

    /// Sends messages, in order.
    func publish(_ messages: [Message]) {
        if messages.isEmpty { return }
        guard backlog.isEmpty, link.takesMessages, let connection = link.connection, connection.outputBytes < limit
        else { return keep(messages) }
        for message in messages { send(message, connection) }
    }

    /// Sends what was kept, as far as there is room.
    func flush() {
        guard !backlog.isEmpty, link.takesMessages, let connection = link.connection else { return }
        var sent = 0
        while sent < backlog.count, connection.outputBytes < limit {
            send(backlog[sent], connection)
            backlogBytes -= backlog[sent].bytes
            sent += 1
        }
        backlog.removeFirst(sent)
    }

    private func keep(_ messages: [Message]) {
        for message in messages {
            backlog.append(message)
            backlogBytes += message.bytes
        }
        guard backlogBytes > limit else { return }
        // Half goes at once, so that a long outage does not move the list for every message.
        let dropped = backlog.count / 2
        backlogBytes -= backlog[..<dropped].reduce(0) { $0 + $1.bytes }
        backlog.removeFirst(dropped)
        dispatcher.counters.publishDropped += UInt64(dropped)
        logger.warning("messages dropped: redis is away", metadata: ["messages": "\(dropped)"])
    }

    private func send(_ message: Message, _ connection: RedisConnection) {
        let count: Int
        switch message.destination.target {
        case .channel: count = 3
        case .stream(_, nil): count = 5
        case .stream: count = 8
        }
        connection.send(arguments: count, { Self.write(message, to: &$0) }) { [weak self] reply in
            guard let self else { return }
            if let error = reply.error, error.disposition == .report {
                dispatcher.refused(message, because: "\(error)")
            } else if reply.error != nil {
                dispatcher.counters.publishFailures += 1
            } else {
                dispatcher.answered([message], refused: [])
            }
            // Room has come for what had to wait for it.
            flush()
        }
    }

    private static func write(_ message: Message, to writer: inout CommandWriter) {
        switch message.destination.target {
        case .channel(let name):
            writer.append("PUBLISH")
            writer.append(name)
            unsafe message.body.withUnsafeBytes { unsafe writer.append(bytes: $0) }
        case .stream(let name, let maxlen):
            writer.append("XADD")
            writer.append(name)
            if let maxlen {
                writer.append("MAXLEN")
                writer.append("~")
                writer.append(maxlen)
            }
            writer.append("*")
            writer.append(message.destination.field)
            unsafe message.body.withUnsafeBytes { unsafe writer.append(bytes: $0) }
        }
    }
}
