/// What decides whether the daemon is ready, healthy and alive; taken at one moment.
public struct Vitals: Sendable {
    /// One of the daemon's connections.
    public struct Link: Sendable {
        /// Whether it works.
        public var isUp: Bool
        /// Why it is down, if it is known.
        public var failure: String?

        /// Makes a link that works, or one that does not for a reason.
        public init(isUp: Bool, failure: String? = nil) {
            self.isUp = isUp
            self.failure = failure
        }
    }

    /// A region that is not known to be right.
    public struct Lag: Sendable {
        /// The region's name.
        public var region: String
        /// For how long a value of it may have been wrong.
        public var age: Moment.Span
        /// What keeps it from being made right, if it is known.
        public var reason: String?

        /// Makes a lag of its parts.
        public init(region: String, age: Moment.Span, reason: String?) {
            self.region = region
            self.age = age
            self.reason = reason
        }
    }

    /// The connection that listens, and Redis.
    public var listener = Link(isUp: false)
    /// The connection to Redis: writes are accepted.
    public var redis = Link(isUp: false)
    /// The session of the lease, by which nonces leave.
    public var lease = Link(isUp: false)
    /// The connections that run queries.
    public var workers: [Link] = []
    /// Whether a nonce has been heard on the connection that listens.
    public var isProven = false
    /// Whether another instance holds the lease, and whether what it leaves undone is known here.
    public var isStandby = false
    /// Whether a standby could go on from where the owner ends.
    public var isCovered = false
    /// Whether the fence is raised, so that values can be written.
    public var hasFence = false
    /// How many regions still wait for a pass or are passed over.
    public var pendingRegions = 0
    /// Whether every region was right once since the start.
    public var hasWarmed = false
    /// Whether readiness waits for that.
    public var readyAfterWarming = true
    /// Whether the daemon drains.
    public var isStopping = false
    /// The regions that are not known to be right now.
    public var lags: [Lag] = []
    /// For how long no nonce has come through Postgres, worker and Redis.
    public var canaryAge = Moment.Span.seconds(0)
    /// For how long the server has not answered the nonce that is being sent.
    public var unanswered: Moment.Span?
    /// How often nonces are sent.
    public var heartbeat = Moment.Span.seconds(1)
    /// How old any of that may become.
    public var bound = Moment.Span.seconds(60)
    /// How full Postgres' notification queue is, from 0 to 1; once full, commits that notify fail.
    public var queueUsage = 0.0
    /// How long the oldest running batch runs.
    public var running: Moment.Span?
    /// How long a batch may run.
    public var runningBound = Moment.Span.seconds(60)
    /// For how long a heartbeat is overdue.
    public var sinceBeat = Moment.Span.seconds(0)
    /// For how long keys that could be refreshed have waited for a worker that is free.
    public var stalled: Moment.Span?

    /// Vitals of a daemon that has nothing yet.
    public init() {}

    /// Whether the daemon is useful: it hears, it can write, and what it serves has been filled.
    public var isReady: Bool {
        !isStopping && !isStandby && listener.isUp && isProven && redis.isUp && hasFence
            && (hasWarmed || !readyAfterWarming)
    }

    /// Whether it stands by as it should: it hears, and could go on where the owner ends.
    public var standsBy: Bool { !isStopping && isStandby && listener.isUp && isProven && isCovered }

    /// The regions that have been behind for longer than the bound.
    public var late: [Lag] { isStandby ? [] : lags.filter { $0.age > bound } }

    /// Why it is not healthy, in sentences without a full stop; empty when it is.
    public var problems: [String] {
        var problems: [String] = []
        if isStopping { problems.append("the daemon is stopping") }
        if !listener.isUp {
            problems.append(Self.sentence("not listening to Postgres", listener.failure))
        } else if !isProven {
            problems.append(
                Self.sentence("LISTEN is in force, but no notification has proven it yet", listener.failure))
        }
        if !redis.isUp { problems.append(Self.sentence("Redis does not take writes", redis.failure)) }
        if !lease.isUp { problems.append(Self.sentence("no session for the lease", lease.failure)) }
        if lease.isUp, let unanswered, unanswered > heartbeat {
            problems.append(Self.sentence("no nonce was taken for \(Self.text(unanswered))", FeedFault.mute.text))
        }
        if isStandby, !isCovered {
            problems.append("standby: what the owner has done is not known yet, so that a takeover resyncs all regions")
        }
        if !workers.isEmpty, !workers.contains(where: \.isUp) {
            let failure = workers.lazy.compactMap(\.failure).first
            problems.append(Self.sentence("no worker is connected to Postgres", failure))
        }
        for lag in late {
            let text = "region \(lag.region) may be wrong for \(Self.text(lag.age)), longer than \(Self.text(bound))"
            problems.append(Self.sentence(text, lag.reason))
        }
        if !isStandby, canaryAge > bound {
            problems.append("no nonce has come through Postgres, a worker and Redis for \(Self.text(canaryAge))")
        }
        if queueUsage > 0.1 {
            problems.append(
                "Postgres' notification queue is \(Int(queueUsage * 100)) % full, and once it is full writers' commits "
                    + "fail: look in pg_stat_activity for a session that listens and is idle in a transaction")
        }
        if let stop = standstill { problems.append(stop) }
        return problems
    }

    /// Whether the watchdog may be fed: loop, feed, queue and workers make progress.
    public var makesProgress: Bool { standstill == nil }

    /// What makes no progress, if something does not.
    public var standstill: String? {
        if let running, running > runningBound { return "a refresh has run longer than its deadline allows" }
        if sinceBeat > runningBound { return "a heartbeat is overdue for \(Self.text(sinceBeat))" }
        if let stalled, stalled > runningBound { return "keys wait though a worker is free" }
        return nil
    }

    private static func text(_ span: Moment.Span) -> String {
        span < .seconds(1) ? "\(span.nanoseconds / 1_000_000) ms" : "\(Int(span.seconds)) s"
    }

    private static func sentence(_ what: String, _ why: String?) -> String {
        guard let why else { return what }
        return "\(what): \(why.hasSuffix(".") ? String(why.dropLast()) : why)"
    }
}
