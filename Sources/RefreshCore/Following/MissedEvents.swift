/// Why a follower may have missed events, as it is told.
public enum MissedEvents: String, Sendable, CaseIterable {
    /// The id that it goes on from is not of this run of the daemon, or of another list of events.
    case restart
    /// What came after its id is not kept any more.
    case forgotten
    /// What came after its id has been trimmed from the stream, or deleted.
    case trimmed
    /// Notifications may have been lost: nobody listened for a while.
    case listener
    /// Another instance was the owner.
    case takeover
    /// A reload changed what values are, of which no event tells.
    case reload
    /// Events came faster than they could be passed on.
    case overload
}
