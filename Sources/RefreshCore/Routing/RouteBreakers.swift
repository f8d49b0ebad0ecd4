/// Decides whether messages are still sent to a target that refuses them.
///
/// After a few refusals in a row a target rests: its messages are left out, until one is let through to try again,
/// after a pause that grows. Other targets, and the values that would be written with its messages, are not held up.
public struct RouteBreakers: Sendable {
    /// What is known of a target that refuses messages.
    public struct Trouble: Sendable {
        /// How many it has refused in a row.
        public internal(set) var failures = 0
        /// How many were left out while it rested.
        public internal(set) var skipped: UInt64 = 0
        /// Why it refused the last, since when it refuses, and until when it rests.
        public internal(set) var reason: String
        /// Since when it has refused every message.
        public internal(set) var since: Moment
        /// When it is tried again; nil while it is not resting.
        public internal(set) var restsUntil: Moment?
        /// How often it has begun to rest, and whether a message is on its way that tries it again.
        var rests = 0
        var isTried = false
    }

    /// The targets that refused their last message.
    public private(set) var troubles: [Route.Target: Trouble] = [:]
    /// Messages left out since the start.
    public private(set) var skipped: UInt64 = 0

    private static let patience = 5
    private static let firstRest = Moment.Span.seconds(1)
    private static let longestRest = Moment.Span.seconds(60)

    /// Nothing is known against any target.
    public init() {}

    /// Whether a message to the target is to be sent now; the first after a rest tries it again.
    public mutating func admits(_ target: Route.Target, at now: Moment) -> Bool {
        guard !troubles.isEmpty, let rests = troubles[target]?.restsUntil else { return true }
        if rests <= now {
            // The others are left out until the answer to this one has come.
            troubles[target]?.restsUntil = now + Self.firstRest
            troubles[target]?.isTried = true
            return true
        }
        troubles[target]?.skipped += 1
        skipped += 1
        return false
    }

    /// The target has refused a message. Tells whether it begins to rest, which is worth a line in the log.
    public mutating func refused(_ target: Route.Target, because reason: String, at now: Moment) -> Bool {
        var trouble = troubles[target] ?? Trouble(reason: reason, since: now)
        trouble.failures += 1
        trouble.reason = reason
        // What was sent before it began to rest says nothing new.
        let isResting = trouble.restsUntil != nil && !trouble.isTried
        if trouble.failures >= Self.patience, !isResting {
            trouble.rests += 1
            trouble.isTried = false
            let length = Backoff.pause(
                attempt: trouble.rests, first: Self.firstRest, cap: Self.longestRest, random: UInt64(trouble.failures))
            trouble.restsUntil = now + length
        }
        troubles[target] = trouble
        return trouble.rests == 1 && !isResting && trouble.failures == Self.patience
    }

    /// The target has taken a message.
    public mutating func took(_ target: Route.Target) {
        if !troubles.isEmpty { troubles[target] = nil }
    }

    /// Targets that no route names any more are forgotten.
    public mutating func keep(_ targets: Set<Route.Target>) {
        troubles = troubles.filter { targets.contains($0.key) }
    }
}
