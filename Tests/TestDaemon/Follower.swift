package import RefreshService

/// A client of a daemon's `/events`, that reads what comes next and waits for it.
package final class Follower {
    private let stream: EventStream

    /// Follows from now on; throws when the daemon refuses. Once it returns, every later event comes.
    package init(_ daemon: RunningDaemon, _ query: String, after last: String? = nil) throws {
        switch try HealthClient(path: daemon.socketPath).follow("/events?\(query)", after: last) {
        case .events(let stream): self.stream = stream
        case .refused(let reply):
            throw Trouble("/events?\(query): \(reply.status) \(String(decoding: reply.body, as: UTF8.self))")
        }
    }

    /// The id after which to go on.
    package var lastID: String { stream.lastID }

    /// The next event; throws at the end of the stream and when nothing comes in time.
    package func next() throws -> FollowedEvent {
        guard let event = try stream.next(limit: .seconds(20)) else { throw Trouble("The stream has ended.") }
        return event
    }

    /// The next events' payloads.
    package func next(_ count: Int) throws -> [String] { try (0..<count).map { _ in try next().data } }

    /// Waits for the end of the stream; gives what came before it.
    package func end() throws -> [FollowedEvent] {
        var events: [FollowedEvent] = []
        while let event = try stream.next(limit: .seconds(20)) { events.append(event) }
        return events
    }
}
