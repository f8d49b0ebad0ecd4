import Logging
import Reactor
import Redis
import RefreshCore

/// Reads Redis streams for those who follow them, on two connections of its own: one waits for what is added, the other
/// reads what somebody asks for. While nobody follows a stream there is neither.
@Loop
final class FollowedStreams {
    private let settings: LiveSettings
    private let port: FollowerPort
    private let logger: Logger
    let tail: StreamTail
    /// The connection that reads, while there is one.
    private var connection: RedisConnection?
    private let ended = Waiter<Void>()
    private let wanted = Waiter<Void>()
    private var watched: Set<String> = []
    /// What is to be done once there is a connection; it fails if there will be none for now.
    private var waiting: [@Loop (RedisConnection?) -> Void] = []
    /// What is to be read once there is a connection, whenever that is.
    private var unread: [(stream: String, from: StreamID)] = []

    /// How many entries are read at a time for one follower.
    private static let page = 16

    init(_ settings: LiveSettings, _ port: FollowerPort, _ logger: Logger) {
        self.settings = settings
        self.port = port
        self.logger = logger
        tail = StreamTail(settings, port)
    }

    /// Reads, as long as it is wanted, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        var attempts = 0
        while !Task.isCancelled {
            do {
                if !isWanted { try await wanted.wait() }
                let made = try await RedisConnection.connect(settings.current.redis)
                backoff.reset()
                attempts = 0
                try await serve(made)
            } catch is WaitError {
                return
            } catch {
                attempts += 1
                if attempts == 1, !Task.isCancelled {
                    logger.warning("streams can not be read for followers", metadata: ["error": "\(error)"])
                }
                answerWaiting(nil)
                do { try await backoff.pause() } catch { return }
            }
        }
    }

    private var isWanted: Bool { !watched.isEmpty || !waiting.isEmpty || !unread.isEmpty }

    private func serve(_ made: RedisConnection) async throws(WaitError) {
        ended.clear()
        connection = made
        made.onClosed = { [ended] _ in ended.give(()) }
        defer {
            connection = nil
            made.close()
        }
        answerWaiting(made)
        let reads = unread
        unread = []
        for read in reads { self.read(read.stream, from: read.from) }
        while made.isOpen {
            try await ended.wait()
            // Somebody may have come in the very moment in which the last one went.
            if !isWanted, made.outstandingReplies == 0 { return }
        }
    }

    private func answerWaiting(_ connection: RedisConnection?) {
        let all = waiting
        waiting = []
        for body in all { body(connection) }
    }

    /// Connects anew, for the server is another.
    func renew() {
        connection?.close()
        tail.renew()
    }

    // MARK: Followers

    /// Streams that somebody follows.
    func watch(_ streams: Set<String>) {
        watched = streams
        tail.watch(streams)
        if streams.isEmpty { ended.give(()) } else { wanted.give(()) }
    }

    /// No route writes these streams any more.
    func forget(_ streams: Set<String>) {
        for stream in streams { port.send(stream: .gone(stream)) }
    }

    /// Finds the last entry of a stream, whose id is zero when it is empty; nil when Redis can not be asked, or why not.
    func last(of stream: String, _ body: @escaping @Loop (Result<StreamID, RedisError>?) -> Void) {
        let ask: @Loop (RedisConnection?) -> Void = { connection in
            guard let connection else { return body(nil) }
            Self.send(["XREVRANGE", stream, "+", "-", "COUNT", "1"], connection) { result in
                body(result.map { StreamEntry.list($0).first?.id ?? .zero })
            }
        }
        if let connection, connection.isOpen { return ask(connection) }
        waiting.append(ask)
        wanted.give(())
    }

    /// Reads some entries of a stream from one on.
    func read(_ stream: String, from: StreamID) {
        guard let connection, connection.isOpen else {
            unread.append((stream, from))
            wanted.give(())
            return
        }
        let words = ["XRANGE", stream, from.description, "+", "COUNT", "\(Self.page + 1)"]
        Self.send(words, connection) { [weak self] result in
            guard let self else { return }
            switch result {
            case .success(let value):
                let found = StreamEntry.list(value)
                let isWhole = found.first?.id == from
                let page = StreamPage(
                    entries: isWhole ? Array(found.dropFirst()) : found, isWhole: isWhole,
                    hasMore: found.count > Self.page)
                port.send(stream: .read(stream, from: from, page))
            case .failure where !connection.isOpen: read(stream, from: from)
            case .failure: port.send(stream: .failed(stream))
            }
        }
    }

    private static func send(
        _ words: [String], _ connection: RedisConnection,
        _ body: @escaping @Loop (Result<RedisValue, RedisError>) -> Void
    ) {
        connection.send(arguments: words.count) { writer in
            for word in words { writer.append(word) }
        } reply: { reply in
            do throws(RedisError) { body(.success(try reply.value())) } catch { body(.failure(error)) }
        }
    }
}
