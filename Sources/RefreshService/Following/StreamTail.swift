import Reactor
import Redis
import RefreshCore

/// Waits for what is added to the streams that somebody follows, whoever adds it, and passes it on.
@Loop
final class StreamTail {
    private let settings: LiveSettings
    private let port: FollowerPort
    private let changed = Waiter<Void>()
    private var connection: RedisConnection?
    private var streams: Set<String> = []

    /// How many bytes may be on their way before followers are told only that there is more.
    private static let bound = 1 << 20

    init(_ settings: LiveSettings, _ port: FollowerPort) {
        self.settings = settings
        self.port = port
    }

    /// Follows, as long as it is wanted, until the task is cancelled.
    func run() async {
        var backoff = Backoff.connecting
        while !Task.isCancelled {
            do {
                if streams.isEmpty { try await changed.wait() }
                changed.clear()
                let made = try await RedisConnection.connect(settings.current.redis)
                connection = made
                defer { made.close() }
                try await follow(made, &backoff)
            } catch is WaitError {
                return
            } catch {
                // The reader's connection meets the same and says so.
                if streams.isEmpty || isInterrupted { continue }
                do { try await backoff.pause() } catch { return }
            }
        }
    }

    /// Whether the connection was ended so that it waits for something else.
    private var isInterrupted = false

    /// Waits for these streams from now on.
    func watch(_ wanted: Set<String>) {
        let isMore = !wanted.isSubset(of: streams)
        streams = wanted
        if isMore || wanted.isEmpty { renew() }
        changed.give(())
    }

    /// Begins anew: Redis can not be told while it waits.
    func renew() {
        isInterrupted = true
        connection?.close()
    }

    private func follow(_ made: RedisConnection, _ backoff: inout Backoff) async throws {
        isInterrupted = false
        var places: [String: StreamID] = [:]
        for stream in streams {
            do throws(RedisError) {
                let value = try await made.command("XREVRANGE", stream, "+", "-", "COUNT", "1")
                places[stream] = StreamEntry.list(value).first?.id ?? .zero
            } catch {
                // One that can not be read holds up no other.
                guard made.isOpen else { throw error }
                port.send(stream: .failed(stream))
            }
        }
        for (stream, place) in places { port.send(stream: .grew(stream, place)) }
        backoff.reset()
        while !isInterrupted {
            let names = places.keys.filter { streams.contains($0) }
            if names.isEmpty {
                try await changed.wait()
                continue
            }
            // Well before the connection takes a silent server for a dead one.
            let patience = made.replyTimeout.components.seconds * 600
            let ids = names.map { places[$0]?.description ?? "$" }
            let words = ["XREAD", "COUNT", "64", "BLOCK", "\(max(100, patience))", "STREAMS"] + names + ids
            guard case .array(let found) = try await made.command(words) else { continue }
            for stream in found { try await pass(stream, &places, made) }
        }
    }

    private func pass(
        _ found: RedisValue, _ places: inout [String: StreamID], _ made: RedisConnection
    ) async throws(RedisError) {
        guard case .array(let parts) = found, parts.count == 2, let stream = parts[0].text,
            let previous = places[stream]
        else { return }
        let entries = StreamEntry.list(parts[1])
        guard let last = entries.last?.id else { return }
        places[stream] = last
        // A burst may be trimmed before it is read. As long as the entry before it is there, none behind that has gone; else
        // followers read for themselves, and find out.
        let held = try await made.command("XRANGE", stream, previous.description, previous.description)
        let isWhole = previous == .zero || !StreamEntry.list(held).isEmpty
        let isFar = port.bytesUnderway > Self.bound
        port.send(stream: isFar || !isWhole ? .grew(stream, last) : .came(stream, after: previous, entries))
    }
}
