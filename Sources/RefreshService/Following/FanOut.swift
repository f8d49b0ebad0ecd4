import NIOCore
import RefreshCore

/// Serves those who follow: takes events from the loop, keeps the latest, and sends each follower what comes next for
/// it as soon as that one takes more.
///
/// A follower is a place in a log that all share, so that a slow one costs no memory of its own. One that falls behind
/// what is kept is cut: it comes back with the id of its last event and learns that it missed some. Belongs to the
/// server's loop.
final class FanOut {
    private let limits: HealthLimits
    private let send: FollowerPort.Wish
    private let loop: any EventLoop
    private var received: ChannelFanOut?
    private var refreshed: ChannelFanOut?
    private let streams: StreamFanOut
    private var ticking: Scheduled<Void>?
    private var outlets: Set<ObjectIdentifier> = []
    /// Counts for others to read; set once the port is there.
    weak var port: FollowerPort?

    init(limits: HealthLimits, loop: any EventLoop, wish: @escaping FollowerPort.Wish) {
        self.limits = limits
        self.loop = loop
        send = wish
        streams = StreamFanOut(limits: limits, wish: wish)
    }

    /// Tells the daemon's loop what is wanted of it.
    func wish(_ wish: FanOutWish) { send(wish) }

    /// Takes what has happened.
    func take(_ messages: [FanOutMessage]) {
        var sinceTurn = 0
        for message in messages {
            take(message)
            sinceTurn += message.bytes
            // So that followers have a chance to keep up with a batch that is larger than what is kept.
            if sinceTurn >= limits.followerBacklog / 16 {
                sinceTurn = 0
                pump()
            }
        }
        pump()
        tick()
    }

    private func take(_ message: FanOutMessage) {
        switch message {
        case .began(let channel, let moment): ensure(moment).begin(channel)
        case .stopped(let channel, let moment): stopped(channel, moment)
        case .gone(let channel):
            received?.gone(channel)
            refreshed?.gone(channel)
        case .event(let channel, let moment, let payload): existing(moment)?.append(channel, payload)
        case .missed(let why, let moment): existing(moment)?.missed(why)
        case .ended(let moment):
            existing(moment)?.end()
            set(nil, moment)
        case .stream(let message): streams.take(message)
        }
    }

    private func stopped(_ channel: ChannelID, _ moment: Route.Moment) {
        guard let fanOut = existing(moment) else { return }
        cut(fanOut.stopped(channel))
        if fanOut.isIdle { set(nil, moment) }
    }

    // MARK: Followers

    /// Serves a follower from now on: its answer's head has been sent.
    func add(_ outlet: any FollowerOutlet, _ following: Following) {
        outlets.insert(ObjectIdentifier(outlet))
        port?.count(followers: outlets.count)
        switch following.source {
        case .channels(let interest, let moment):
            let fanOut = ensure(moment)
            fanOut.add(outlet, interest, after: following.last)
            cut(fanOut.pump(outlet))
        case .stream(let name, let position, let missed): streams.add(outlet, name, after: position, missed: missed)
        }
        tick()
    }

    /// A follower is gone.
    func remove(_ outlet: any FollowerOutlet) {
        guard outlets.remove(ObjectIdentifier(outlet)) != nil else { return }
        port?.count(followers: outlets.count)
        received?.remove(outlet)
        refreshed?.remove(outlet)
        streams.remove(outlet)
    }

    /// A follower takes more.
    func becameWritable(_ outlet: any FollowerOutlet) {
        streams.becameWritable(outlet)
        cut((received?.pump(outlet) ?? []) + (refreshed?.pump(outlet) ?? []))
    }

    private func pump() { cut((received?.pump() ?? []) + (refreshed?.pump() ?? [])) }

    private func cut(_ outlets: [any FollowerOutlet]) {
        for outlet in outlets {
            port?.countCut()
            outlet.cut()
        }
    }

    // MARK: Logs

    private func existing(_ moment: Route.Moment) -> ChannelFanOut? { moment == .receive ? received : refreshed }

    private func set(_ fanOut: ChannelFanOut?, _ moment: Route.Moment) {
        if moment == .receive { received = fanOut } else { refreshed = fanOut }
    }

    private func ensure(_ moment: Route.Moment) -> ChannelFanOut {
        if let fanOut = existing(moment) { return fanOut }
        let made = ChannelFanOut(epoch: .random(in: .min ... .max), limits: limits)
        set(made, moment)
        return made
    }

    // MARK: Time

    /// Looks after those who are silent, again and again; while nobody follows, nothing wakes.
    private func tick() {
        guard ticking == nil, received != nil || refreshed != nil || !streams.isIdle else { return }
        ticking = loop.assumeIsolated().scheduleTask(in: TimeAmount(limits.keepAlive)) { [weak self] in
            guard let self else { return }
            ticking = nil
            ticked()
            tick()
        }
    }

    /// A keep-alive for everybody; who has read nothing for long is cut, and channels that nobody follows are let go.
    private func ticked() {
        cut(streams.tick())
        for moment in Route.Moment.allCases {
            guard let fanOut = existing(moment) else { continue }
            cut(fanOut.tick())
            let idle = fanOut.idleChannels()
            if !idle.isEmpty { wish(.stop(idle, moment)) }
        }
    }
}
