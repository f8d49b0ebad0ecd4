/// A notification that something waits for: messages to publish once it is stored, or a pass to end.
public struct Event: Sendable {
    /// What happens when nothing is left to wait for.
    public enum Purpose: Sendable, Equatable {
        /// The channel's `after = "refresh"` routes are published.
        case messages(ChannelID)
        /// A pass over a region learns that the keys it asked for are done; nil stands for what a takeover asked for.
        case pass(RegionID?)
        /// A client waits for the keys that it asked for, or for all that was asked for before it.
        case call(UInt64)

        /// Whether it no longer waits for a key that can not be refreshed.
        var givesUpOnFaults: Bool { if case .messages = self { false } else { true } }
    }

    /// What it is kept for.
    public let purpose: Purpose
    /// The payload as it came.
    public let payload: Bytes
    /// What the event is about, for messages that tell it.
    public let subject: Subject?
    /// The number of the event on its channel, from 1.
    public let sequence: UInt64
    /// When the notification arrived.
    public let seen: Moment

    /// A write that is on its way carries its messages, or one that is done has.
    public internal(set) var announced = false
    /// Followers of its channel hear of it once everything is stored, whoever carried its messages.
    public internal(set) var isFollowed = false

    /// What it is kept for.
    public init(
        purpose: Purpose, payload: consuming Bytes, subject: consuming Subject? = nil, sequence: UInt64, seen: Moment
    ) {
        self.purpose = purpose
        self.payload = payload
        self.subject = subject
        self.sequence = sequence
        self.seen = seen
    }

    /// About how much memory it takes.
    var bytes: Int { Self.bytes(payload) }
    static func bytes(_ payload: Bytes) -> Int { 160 + payload.count }
}

/// The key of an event's first refresh or invalidation.
public final class Subject: Sendable {
    /// The region of the key.
    public let region: RegionID
    /// The key without its region's prefix.
    public let key: Bytes

    /// A key of a region.
    public init(_ region: RegionID, _ key: Bytes) {
        self.region = region
        self.key = key
    }
}

/// Names an event in the store.
public struct EventID: Hashable, Sendable {
    let index: Int32
}
