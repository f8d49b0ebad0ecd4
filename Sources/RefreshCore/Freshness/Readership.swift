/// Whether anybody has read a value since it was written, by what Redis knows of it.
public enum Readership: Sendable, Equatable {
    /// Nobody asked, or Redis does not tell.
    case unknown
    case read
    case unread

    /// Redis counts idle time in whole seconds, by a clock that it looks at ten times a second.
    static let slack = Moment.Span.milliseconds(1_500)
    /// What Redis gives the counter of a new value; each reader of such a one adds to it, and minutes take off it.
    private static let newCounter: Int64 = 5

    /// By `OBJECT IDLETIME`, in seconds: a value that was idle for as long as it is old was never read.
    ///
    /// A write ends idleness as a read does, and a read right behind it can not be told from it.
    /// - Parameter untouchedFor: how long nobody but the daemon itself has touched it, where that is known to be longer.
    public init(idleSeconds: Int64, age: Moment.Span?, untouchedFor: Moment.Span? = nil) {
        guard let age else {
            self = .unknown
            return
        }
        let idle = max(Moment.Span.seconds(idleSeconds), untouchedFor ?? .seconds(0))
        self = idle + Self.slack >= age ? .unread : .read
    }

    /// By `OBJECT FREQ`, which Redis knows in place of the idle time where it evicts the least frequently used.
    ///
    /// The counter says how often, not when: a value that is read less than about once a minute is taken for unread.
    public init(frequency: Int64) { self = frequency > Self.newCounter ? .read : .unread }
}
