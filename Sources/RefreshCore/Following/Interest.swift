/// Which channels somebody follows.
public enum Interest: Sendable, Equatable {
    /// Every one that is configured, also those that a reload adds.
    case all
    /// Those that were named.
    case some(Set<ChannelID>)

    /// Whether events of a channel are for it; what belongs to no channel is for everybody.
    public func contains(_ channel: ChannelID?) -> Bool {
        guard case .some(let channels) = self, let channel else { return true }
        return channels.contains(channel)
    }

    /// Whether it asked for a channel by its name.
    public func names(_ channel: ChannelID) -> Bool {
        if case .some(let channels) = self { channels.contains(channel) } else { false }
    }
}
