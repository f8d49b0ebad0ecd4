/// Decides when a key is sampled, when one that is not as its query says is looked at again, and what that means.
///
/// A value that differs is not wrong yet: its event may be on the way. It is looked at again after some delays, and only
/// one that differs at all of them is suspect; `confirm` then needs proof that nothing is on the way.
public struct SampleBook: Sendable {
    /// A key that is sampled.
    public struct Case: Sendable, Equatable {
        /// The key's region.
        public let region: RegionID
        /// The key without its region's prefix.
        public let key: Bytes
        /// The query that makes it.
        public let query: QueryID
        /// The query's parameters.
        public let parameters: Bytes
        /// How often it was looked at.
        public fileprivate(set) var looks = 0
        fileprivate var first = Moment(nanoseconds: 0)

        /// A key that was not looked at yet.
        public init(region: RegionID, key: Bytes, query: QueryID, parameters: Bytes) {
            self.region = region
            self.key = key
            self.query = query
            self.parameters = parameters
        }
    }

    /// What is to be done next.
    public enum Step: Sendable, Equatable {
        /// Take a random key, look at it and call `looked`; or `skipped`, when there is none.
        case sample
        /// Look at this key again, and call `looked`.
        case look(Case)
        /// Nothing, until then.
        case wait(until: Moment)
    }

    /// What a look has found.
    public enum Finding: Sendable, Equatable {
        /// The value is as its query says.
        case same
        /// It is not.
        case other
        /// Nobody can say: it is gone, or the query failed, or a server is away.
        case unknown
    }

    /// What a look means.
    public enum Verdict: Sendable, Equatable {
        /// This came out.
        case result(SampleRecord.Result)
        /// It is looked at again later.
        case again
        /// It may be wrong: what was found is to be confirmed.
        case suspect
        /// Nothing came out.
        case none
    }

    /// What was found of a suspect, with all in view that was committed before.
    public struct Evidence: Sendable, Equatable {
        /// An event came for the key meanwhile, or it waits, or is refreshed; or the region is passed over.
        public var isYoung = false
        /// The value is what the query says now.
        public var isSame = false
        /// It is what the query says in the form that does many keys, which may give rows in another order.
        public var isSameInBulk = false
        /// The query gave the same before and after.
        public var isSteady = true
        /// It gave the same when it was run once more, right behind.
        public var isSteadyAtOnce = true

        /// Evidence against the value.
        public init() {}
    }

    /// What the evidence means.
    public enum Judgement: Sendable, Equatable {
        /// This came out.
        case result(SampleRecord.Result)
        /// The query gives another result each time it runs: none can be compared.
        case volatile
    }

    /// The least of the time that is left to others: a query that takes long is sampled the less often.
    private static let share: Int64 = 19
    /// How many keys are looked at again, at most.
    private static let mostCases = 32

    private let interval: Moment.Span
    private let delays: [Moment.Span]
    private var nextSample: Moment
    private var cases: [(case: Case, at: Moment)] = []

    /// Samples a key each interval, and looks again after each of the delays, which rise.
    public init(interval: Moment.Span, delays: [Moment.Span], at now: Moment) {
        self.interval = interval
        self.delays = delays
        nextSample = now + interval
    }

    /// What is to be done now.
    public mutating func next(at now: Moment) -> Step {
        if let place = cases.indices.min(by: { cases[$0].at < cases[$1].at }) {
            if cases[place].at <= now { return .look(cases.remove(at: place).case) }
            if nextSample > now || isFull {
                return .wait(until: isFull ? cases[place].at : min(cases[place].at, nextSample))
            }
        }
        return nextSample <= now ? .sample : .wait(until: nextSample)
    }

    private var isFull: Bool { cases.count >= Self.mostCases }

    /// A sample was taken, or there was none to take; it took from a moment on until now.
    public mutating func sampled(since: Moment, at now: Moment) {
        let took = (now - since).nanoseconds
        nextSample = now + max(interval, Moment.Span(nanoseconds: took * Self.share))
    }

    /// A key was looked at.
    public mutating func looked(_ sample: Case, _ finding: Finding, at now: Moment) -> Verdict {
        switch finding {
        case .unknown: return .none
        case .same: return .result(sample.looks == 0 ? .right : .late)
        case .other:
            if sample.looks >= delays.count { return .suspect }
            var next = sample
            if next.looks == 0 { next.first = now }
            let delay = delays[next.looks]
            next.looks += 1
            cases.append((next, next.first + delay))
            return .again
        }
    }

    /// Judges a suspect by the evidence.
    public static func judge(_ evidence: Evidence) -> Judgement {
        if evidence.isYoung || evidence.isSame { return .result(.late) }
        if evidence.isSameInBulk { return .result(.right) }
        if evidence.isSteady { return .result(.wrong) }
        // Its rows change while they are looked at: what comes next decides.
        return evidence.isSteadyAtOnce ? .result(.late) : .volatile
    }

    /// Nothing can be sampled for now.
    public mutating func postpone(until later: Moment) {
        cases = []
        nextSample = later
    }
}
