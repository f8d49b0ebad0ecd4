import RefreshCore

/// Those who follow channels at one moment, and the log that they are places in.
final class ChannelFanOut {
    private struct Follower {
        let outlet: any FollowerOutlet
        let interest: Interest
        /// The number of the last event that was sent.
        var number: UInt64
        /// For how many keep-alives it has taken nothing.
        var stalled = 0
    }

    private let limits: HealthLimits
    private var log: EventLog
    private var followers: [ObjectIdentifier: Follower] = [:]
    /// For how many keep-alives nobody has followed a channel.
    private var unfollowed: [ChannelID: Int] = [:]

    init(epoch: UInt64, limits: HealthLimits) {
        self.limits = limits
        log = EventLog(epoch: epoch, limit: limits.followerBacklog)
    }

    /// Whether nothing is followed or taken in any more.
    var isIdle: Bool { followers.isEmpty && log.channels.isEmpty }

    // MARK: Events

    func begin(_ channel: FollowedChannel) {
        log.begin(channel.id)
        unfollowed[channel.id] = 0
    }

    func append(_ channel: FollowedChannel, _ payload: Bytes) {
        log.append(channel.id) { mark in
            EventFrame.event(nameLine: channel.nameLine, id: mark.description, payload: payload)
        }
    }

    func missed(_ why: MissedEvents) { log.appendForEverybody { EventFrame.gap(why, id: $0.description) } }

    /// Events of a channel do not come any more; gives who followed it all the same.
    func stopped(_ channel: ChannelID) -> [any FollowerOutlet] {
        log.stop(channel)
        unfollowed[channel] = nil
        return followers.values.filter { $0.interest.contains(channel) }.map(\.outlet)
    }

    /// A channel is not configured any more: who asked for it by name is told, and ended.
    func gone(_ channel: FollowedChannel) {
        pumpAll()
        for follower in followers.values where follower.interest.names(channel.id) {
            follower.outlet.send(EventFrame.end(channel.name, id: id(at: follower.number)))
            followers[ObjectIdentifier(follower.outlet)]?.number = log.last
            follower.outlet.finish()
        }
        log.stop(channel.id)
        unfollowed[channel.id] = nil
    }

    /// Nothing is told here any more.
    func end() {
        for follower in followers.values { follower.outlet.finish() }
    }

    // MARK: Followers

    func add(_ outlet: any FollowerOutlet, _ interest: Interest, after last: String?) {
        let start: EventLog.Start =
            last.map { EventMark($0) } == .some(nil)
            ? .now(.restart)
            : log.start(
                after: last.flatMap { EventMark($0) }, for: interest)
        switch start {
        case .after(let number):
            followers[ObjectIdentifier(outlet)] = Follower(outlet: outlet, interest: interest, number: number)
            outlet.send(EventFrame.opening(id: id(at: number), retry: limits.followerRetry))
        case .now(let why):
            followers[ObjectIdentifier(outlet)] = Follower(outlet: outlet, interest: interest, number: log.last)
            let opening = EventFrame.opening(id: id(at: log.last), retry: limits.followerRetry)
            outlet.send(opening + EventFrame.gap(why, id: id(at: log.last)))
        }
    }

    /// Forgets a follower.
    func remove(_ outlet: any FollowerOutlet) { followers[ObjectIdentifier(outlet)] = nil }

    /// Sends a follower what it can take; gives it back when it is too late for what comes next.
    func pump(_ outlet: any FollowerOutlet) -> [any FollowerOutlet] {
        let key = ObjectIdentifier(outlet)
        while let follower = followers[key] {
            guard log.keeps(after: follower.number, for: follower.interest) else { return [outlet] }
            guard outlet.isWritable, follower.number < log.last else { break }
            var number = follower.number
            let text = log.read(after: &number, for: follower.interest, limit: limits.followerChunk)
            followers[key]?.number = number
            if text.isEmpty { break }
            followers[key]?.stalled = 0
            outlet.send(text)
        }
        return []
    }

    /// The same for everybody.
    func pump() -> [any FollowerOutlet] { followers.values.map(\.outlet).flatMap { pump($0) } }

    private func pumpAll() { _ = pump() }

    private func id(at number: UInt64) -> String { EventMark(epoch: log.epoch, number: number).description }

    // MARK: Time

    /// Sends everybody a keep-alive who takes one; gives those who have taken nothing for long.
    func tick() -> [any FollowerOutlet] {
        var late: [any FollowerOutlet] = []
        for follower in Array(followers.values) {
            if follower.outlet.isWritable {
                followers[ObjectIdentifier(follower.outlet)]?.stalled = 0
                follower.outlet.send(EventFrame.keepAlive(id: id(at: follower.number)))
            } else {
                followers[ObjectIdentifier(follower.outlet)]?.stalled += 1
                if follower.stalled + 1 >= limits.followerStalls { late.append(follower.outlet) }
            }
        }
        return late
    }

    /// Channels that nobody has followed for a while.
    func idleChannels() -> [ChannelID] {
        var idle: [ChannelID] = []
        for (channel, ticks) in unfollowed {
            let isFollowed = followers.values.contains { $0.interest.contains(channel) }
            unfollowed[channel] = isFollowed ? 0 : ticks + 1
            if !isFollowed, ticks + 1 >= limits.followerMemory { idle.append(channel) }
        }
        return idle
    }
}
