/// What decides whether the daemon is ready, healthy and alive; taken at one moment.
public struct Vitals: Sendable {
    /// One of the daemon's connections.
    public struct Link: Sendable {
        /// Whether it works.
        public var isUp: Bool
        /// Why it is down, if it is known.
        public var failure: String?

        /// Whether it works.
        public init(isUp: Bool, failure: String?) {
            self.isUp = isUp
            self.failure = failure
        }
    }

    /// Whether it works.
    public var listener = Link(isUp: false, failure: nil)
    /// Whether it works.
    public var redis = Link(isUp: false, failure: nil)
    /// The connections that run queries.
    public var workers: [Link] = []
    /// Whether another instance holds the lease.
    public var isStandby = false
    /// How many regions still wait for a pass or are passed over.
    public var pendingRegions = 0
    /// Whether every region was right once since the start.
    public var hasWarmed = false
    /// Whether readiness waits for that.
    public var readyAfterWarming = true
    /// Whether the daemon drains.
    public var isStopping = false
    /// The age of the oldest event that is not stored yet and not parked.
    public var oldest: Moment.Span?
    /// How old it may become.
    public var bound = Moment.Span.seconds(60)
    /// How long the oldest running batch runs, and how long it may.
    public var running: Moment.Span?
    /// How long a batch may run.
    public var runningBound = Moment.Span.seconds(60)

    /// Vitals of a daemon that has nothing yet.
    public init() {}

    /// Whether the daemon is useful: it hears, it can write, and what it serves has been filled.
    public var isReady: Bool {
        !isStopping && listener.isUp && redis.isUp && (hasWarmed || !readyAfterWarming)
    }

    /// Why it is not healthy, in sentences without a full stop; empty when it is.
    public var problems: [String] {
        var problems: [String] = []
        if isStopping { problems.append("the daemon is stopping") }
        if isStandby { problems.append("standby: another instance of this name holds the lease") }
        if !listener.isUp { problems.append(Self.sentence("not listening to Postgres", listener.failure)) }
        if !redis.isUp { problems.append(Self.sentence("Redis does not take writes", redis.failure)) }
        if !workers.isEmpty, !workers.contains(where: \.isUp) {
            let failure = workers.lazy.compactMap(\.failure).first
            problems.append(Self.sentence("no worker is connected to Postgres", failure))
        }
        if let oldest, oldest > bound {
            problems.append("an event has waited \(Int(oldest.seconds)) s, longer than \(Int(bound.seconds)) s")
        }
        if !makesProgress { problems.append("a refresh has run longer than its deadline allows") }
        return problems
    }

    /// Whether the watchdog may be fed: nothing runs longer than its deadline.
    public var makesProgress: Bool { running.map { $0 <= runningBound } ?? true }

    private static func sentence(_ what: String, _ why: String?) -> String {
        guard let why else { return what }
        return "\(what): \(why.hasSuffix(".") ? String(why.dropLast()) : why)"
    }
}
