import RefreshCore

/// What the loop tells the thread that serves followers; in order.
enum FanOutMessage: Sendable {
    /// Events of the channel come from now on.
    case began(FollowedChannel, Route.Moment)
    /// Events of the channel do not come any more, as was wished.
    case stopped(ChannelID, Route.Moment)
    /// The channel is not configured any more.
    case gone(FollowedChannel)
    /// An event of the channel.
    case event(FollowedChannel, Route.Moment, Bytes)
    /// Some may have been missed.
    case missed(MissedEvents, Route.Moment)
    /// Nobody can hear of this moment here any more: another instance owns.
    case ended(Route.Moment)
    /// Something about a Redis stream.
    case stream(StreamMessage)

    /// About how much memory it takes.
    var bytes: Int {
        switch self {
        case .event(_, _, let payload): 64 + payload.count
        case .stream(let message): message.bytes
        default: 64
        }
    }
}

/// What the thread that serves followers wants of the loop.
enum FanOutWish: Sendable {
    /// Everything that was sent has been taken, of which something was left out.
    case goOn
    /// Nobody follows these channels any more.
    case stop([ChannelID], Route.Moment)
    /// These Redis streams are followed, and no others.
    case watch(Set<String>)
    /// Some entries of a stream, from one on.
    case read(String, from: StreamID)
}

/// A channel that somebody follows, with what every event of it begins with.
final class FollowedChannel: Sendable {
    let id: ChannelID
    let name: String
    let nameLine: [UInt8]

    init(_ id: ChannelID, _ name: String) {
        self.id = id
        self.name = name
        nameLine = EventFrame.nameLine(name)
    }
}
