/// Why notifications do not arrive though the listening connection seems to be well.
public enum FeedFault: Sendable, Equatable {
    /// The connection answers nothing.
    case halfOpen
    /// The session that sends nonces answers nothing.
    case mute
    /// Another server process answers than the one that was connected to.
    case pooler
    /// The right process answers, and listens to nothing.
    case forgotten
    /// The right process answers and listens.
    case stuck

    /// Judges by what the listening connection answers, if it does, to the question who serves it.
    ///
    /// - Parameters:
    ///   - greeted: the server process that was named when the connection was made.
    ///   - answer: the process that answers now, and how many channels it listens to; nil without an answer in time.
    public init(greeted: Int32, answer: (process: Int32, channels: Int)?) {
        guard let answer else {
            self = .halfOpen
            return
        }
        if answer.process != greeted {
            self = .pooler
        } else {
            self = answer.channels == 0 ? .forgotten : .stuck
        }
    }

    /// What is wrong and what to do about it.
    public var text: String {
        switch self {
        case .halfOpen:
            "Notifications do not arrive and the listening connection does not answer: it is half open (dropped by a "
                + "firewall, NAT or network on the way) or the server is frozen. It is made anew."
        case .mute:
            "Postgres does not answer on the session that sends nonces: the connection is half open (dropped by a "
                + "firewall, NAT or network on the way), or the server is frozen. It is made anew."
        case .pooler:
            "Notifications do not arrive: a connection pooler answers in place of Postgres, and in transaction mode it "
                + "forgets LISTEN. Connect to Postgres itself, or use a pool in session mode."
        case .forgotten:
            "Notifications do not arrive: the session no longer listens to any channel. Something on the way resets "
                + "sessions; connect to Postgres itself."
        case .stuck:
            "Notifications do not arrive though the session listens: the server's notification queue is stuck. See "
                + "pg_notification_queue_usage() and the server's log."
        }
    }
}
