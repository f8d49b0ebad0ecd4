import Reactor
import RefreshCore

/// The loop's side of following: which channels somebody follows, and their events on the way to the thread that
/// serves followers, a batch a turn.
///
/// Events that come faster than that thread takes them are left out above a bound, and followers are told.
@Loop
final class FollowedChannels {
    /// The channels of one moment.
    private struct Followed {
        var channels: [FollowedChannel?] = []
        /// Whether somebody follows all there are, also those that come.
        var isAll = false
        /// Whether events have been left out, of which followers do not know yet.
        var hasLeftOut = false

        func channel(_ id: ChannelID) -> FollowedChannel? { id.index < channels.count ? channels[id.index] : nil }
    }

    /// How many bytes may be on their way.
    private static let bound = 1 << 20
    /// How often followers are told at most that events are given up, while that goes on.
    private static let tellingEvery = Moment.Span.seconds(5)

    private let port: FollowerPort
    private var received = Followed()
    private var refreshed = Followed()
    private var pending: [FanOutMessage] = []
    private var pendingBytes = 0
    /// When an event was given up last of which followers would have heard later, and when they were told so last.
    private var givenUp: Moment?
    private var toldGivenUp: Moment?

    init(_ port: FollowerPort) { self.port = port }

    /// Begins to send the events of channels; of all, with those that a reload adds, when none is named.
    func follow(_ names: [String], after moment: Route.Moment, in catalogue: Catalogue) -> Interest {
        let ids = names.compactMap { catalogue.channel(ChannelName($0)) }
        if !names.isEmpty {
            for id in ids { begin(id, moment, catalogue) }
            flush()
            return .some(Set(ids))
        }
        if moment == .receive { received.isAll = true } else { refreshed.isAll = true }
        beginAll(moment, catalogue)
        flush()
        return .all
    }

    private func beginAll(_ moment: Route.Moment, _ catalogue: Catalogue) {
        for index in catalogue.channels.indices where catalogue.channels[index] != nil {
            begin(ChannelID(index), moment, catalogue)
        }
    }

    private func begin(_ id: ChannelID, _ moment: Route.Moment, _ catalogue: Catalogue) {
        guard let channel = catalogue.channels[id.index] else { return }
        let followed = received.channel(id) ?? refreshed.channel(id) ?? FollowedChannel(id, channel.name.text)
        let isNew = moment == .receive ? Self.add(followed, to: &received) : Self.add(followed, to: &refreshed)
        if isNew { put(.began(followed, moment)) }
    }

    private static func add(_ channel: FollowedChannel, to followed: inout Followed) -> Bool {
        while followed.channels.count <= channel.id.index { followed.channels.append(nil) }
        guard followed.channels[channel.id.index] == nil else { return false }
        followed.channels[channel.id.index] = channel
        return true
    }

    /// Takes up another registry: who follows what is gone is told, who follows all follows what has come.
    func adopt(_ catalogue: Catalogue) {
        for channel in Set((received.channels + refreshed.channels).compactMap { $0?.id })
        where catalogue.channels[channel.index] == nil {
            guard let gone = received.channel(channel) ?? refreshed.channel(channel) else { continue }
            if received.channel(channel) != nil { received.channels[channel.index] = nil }
            if refreshed.channel(channel) != nil { refreshed.channels[channel.index] = nil }
            put(.gone(gone))
        }
        if received.isAll { beginAll(.receive, catalogue) }
        if refreshed.isAll { beginAll(.refresh, catalogue) }
    }

    /// What the thread that serves followers wants.
    func grant(_ wish: FanOutWish) {
        switch wish {
        case .goOn:
            if received.hasLeftOut { put(.missed(.overload, .receive)) }
            if refreshed.hasLeftOut { put(.missed(.overload, .refresh)) }
            received.hasLeftOut = false
            refreshed.hasLeftOut = false
        case .stop(let channels, .receive):
            Self.stop(channels, &received)
            for channel in channels { put(.stopped(channel, .receive)) }
        case .watch, .read: break  // These are about streams.
        case .stop(let channels, .refresh):
            Self.stop(channels, &refreshed)
            for channel in channels { put(.stopped(channel, .refresh)) }
        }
    }

    private static func stop(_ channels: [ChannelID], _ followed: inout Followed) {
        followed.isAll = false
        for channel in channels where followed.channel(channel) != nil { followed.channels[channel.index] = nil }
    }

    // MARK: Events

    /// An event has arrived; tells whether somebody wants to hear of it once what it refreshes is stored.
    func arrived(_ channel: ChannelID, _ payload: Bytes) -> Bool {
        if let followed = received.channel(channel) { pass(followed, .receive, payload, &received.hasLeftOut) }
        return refreshed.channel(channel) != nil
    }

    /// What an event refreshes is stored.
    func stored(_ event: borrowing Event) {
        guard case .messages(let channel) = event.purpose, let followed = refreshed.channel(channel) else { return }
        pass(followed, .refresh, event.payload, &refreshed.hasLeftOut)
    }

    /// Followers may have missed something, which is right again now.
    func missed(_ why: MissedEvents, _ moment: Route.Moment) { put(.missed(why, moment)) }

    /// An event was given up that would have been told of once it is stored.
    func gaveUp(at now: Moment) { givenUp = now }

    /// Tells that events were given up: when all is stored that was asked for before, and now and then until that.
    ///
    /// - Parameter oldest: when the oldest event came that is not stored yet.
    func settle(oldest: @autoclosure () -> Moment?, at now: Moment) {
        guard let last = givenUp else { return }
        let isOver = oldest().map { $0 > last } ?? true
        guard isOver || toldGivenUp.map({ now - $0 >= Self.tellingEvery }) ?? true else { return }
        put(.missed(.overload, .refresh))
        toldGivenUp = isOver ? nil : now
        if isOver { givenUp = nil }
    }

    /// Another instance owns: nothing is stored here any more.
    func demoted() {
        refreshed = Followed()
        givenUp = nil
        put(.ended(.refresh))
    }

    private func pass(
        _ channel: FollowedChannel, _ moment: Route.Moment, _ payload: Bytes, _ hasLeftOut: inout Bool
    ) {
        if port.bytesUnderway + pendingBytes > Self.bound {
            hasLeftOut = true
            port.leaveOut()
            // Should everything have been taken just now, the next batch asks to be told.
            if pending.isEmpty { put(.missed(.overload, moment)) }
            return
        }
        put(.event(channel, moment, payload))
    }

    private func put(_ message: FanOutMessage) {
        pending.append(message)
        pendingBytes += message.bytes
        if pending.count == 1 { EventLoop.shared.perform { [weak self] in self?.flush() } }
    }

    /// Sends what has come together.
    func flush() {
        if pending.isEmpty { return }
        port.send(pending, bytes: pendingBytes)
        pending = []
        pendingBytes = 0
    }
}
