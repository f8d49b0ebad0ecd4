import RefreshCore

/// Those who follow Redis streams: each a place in one of them, which is read as they take it.
final class StreamFanOut {
    private struct Follower {
        let outlet: any FollowerOutlet
        let stream: String
        var place: StreamPlace
        /// For how many keep-alives it has taken nothing.
        var stalled = 0
    }

    /// What is being read, and is not to be asked for twice.
    private struct Reading: Hashable {
        let stream: String
        let from: StreamID
    }

    private let limits: HealthLimits
    private let wish: FollowerPort.Wish
    private var followers: [ObjectIdentifier: Follower] = [:]
    private var readings: Set<Reading> = []
    private var watched: Set<String> = []

    init(limits: HealthLimits, wish: @escaping FollowerPort.Wish) {
        self.limits = limits
        self.wish = wish
    }

    /// Whether nobody follows a stream.
    var isIdle: Bool { followers.isEmpty }

    // MARK: Followers

    func add(_ outlet: any FollowerOutlet, _ stream: String, after position: StreamID, missed: MissedEvents?) {
        let key = ObjectIdentifier(outlet)
        followers[key] = Follower(outlet: outlet, stream: stream, place: StreamPlace(after: position))
        var text = EventFrame.opening(id: position.description, retry: limits.followerRetry)
        if let missed { text += EventFrame.gap(missed, id: position.description) }
        outlet.send(text)
        watch()
        read(key)
    }

    func remove(_ outlet: any FollowerOutlet) {
        if followers.removeValue(forKey: ObjectIdentifier(outlet)) != nil { watch() }
    }

    func becameWritable(_ outlet: any FollowerOutlet) { read(ObjectIdentifier(outlet)) }

    /// Has the streams watched that somebody follows, and no others.
    private func watch() {
        let streams = Set(followers.values.map(\.stream))
        if streams == watched { return }
        watched = streams
        wish(.watch(streams))
    }

    private func read(_ key: ObjectIdentifier) {
        guard let follower = followers[key] else { return }
        guard let from = followers[key]?.place.read(canTake: follower.outlet.isWritable) else { return }
        if readings.insert(Reading(stream: follower.stream, from: from)).inserted {
            wish(.read(follower.stream, from: from))
        }
    }

    // MARK: Entries

    func take(_ message: StreamMessage) {
        switch message {
        case .grew(let stream, let last):
            for key in keys(of: stream) {
                followers[key]?.place.grew(to: last)
                read(key)
            }
        case .came(let stream, let previous, let entries): came(stream, previous, entries)
        case .read(let stream, let from, let page): wasRead(stream, from, page)
        case .failed(let stream):
            readings = readings.filter { $0.stream != stream }
            for key in keys(of: stream) { followers[key]?.outlet.finish() }
        case .gone(let stream):
            for key in keys(of: stream) {
                guard let follower = followers[key] else { continue }
                follower.outlet.send(EventFrame.end(stream, id: follower.place.position.description))
                follower.outlet.finish()
            }
        }
    }

    private func came(_ stream: String, _ previous: StreamID, _ entries: [StreamEntry]) {
        guard let last = entries.last?.id else { return }
        let text = Self.text(of: entries, stream)
        for key in keys(of: stream) {
            guard let outlet = followers[key]?.outlet else { continue }
            if followers[key]?.place.came(after: previous, last: last, canTake: outlet.isWritable) == true {
                followers[key]?.stalled = 0
                outlet.send(text)
            } else {
                read(key)
            }
        }
    }

    private func wasRead(_ stream: String, _ from: StreamID, _ page: StreamPage) {
        readings.remove(Reading(stream: stream, from: from))
        let text = Self.text(of: page.entries, stream)
        for key in keys(of: stream) {
            guard let follower = followers[key], follower.place.isReading, follower.place.position == from else {
                continue
            }
            let isGap =
                followers[key]?.place.received(
                    last: page.entries.last?.id, isWhole: page.isWhole, hasMore: page.hasMore) ?? false
            if isGap { follower.outlet.send(EventFrame.gap(.trimmed, id: from.description)) }
            if !text.isEmpty { follower.outlet.send(text) }
            followers[key]?.stalled = 0
            read(key)
        }
    }

    private func keys(of stream: String) -> [ObjectIdentifier] {
        followers.filter { $0.value.stream == stream }.map(\.key)
    }

    private static func text(of entries: [StreamEntry], _ stream: String) -> [UInt8] {
        let line = EventFrame.nameLine(stream)
        return entries.flatMap { EventFrame.event(nameLine: line, id: $0.id.description, payload: $0.data) }
    }

    // MARK: Time

    /// Sends everybody a keep-alive who takes one; gives those who have taken nothing for long.
    func tick() -> [any FollowerOutlet] {
        var late: [any FollowerOutlet] = []
        for (key, follower) in followers {
            if follower.outlet.isWritable {
                followers[key]?.stalled = 0
                follower.outlet.send(EventFrame.keepAlive(id: follower.place.position.description))
            } else {
                followers[key]?.stalled += 1
                if follower.stalled + 1 >= limits.followerStalls { late.append(follower.outlet) }
            }
        }
        return late
    }
}
