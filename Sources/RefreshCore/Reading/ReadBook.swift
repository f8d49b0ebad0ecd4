/// Decides what becomes of those who read a value through the daemon.
///
/// ```
///                 value
///  asks ──> look ────────> answered, and renewed behind the answer when it is stale
///   │        │ nothing                    stored           value
///   │        ├─────────> fill: storing ──────────> fetching ─────> answered, all who wait
///   │        │ away,                 │ can not be     │ away
///   │        │ or no owner           v                v
///   │        └─────────> fill: in line ──> running ──────────────> answered, all who wait
///   └──> joins the fill of the key, unless that is fetched already
/// ```
///
/// A value that is not there is made once for however many ask. It goes the way of every refresh and is stored; while
/// that can not be, for Redis is away or another instance owns, its query is run for the readers alone. Each reader is
/// answered once. What is being stored goes on when nobody waits for it any more; what is in line to be run for readers
/// alone does not.
public struct ReadBook: Sendable {
    /// What is to be done.
    public enum Action: Sendable, Equatable {
        /// Ask Redis for the value that a reader wants and call `looked`; and `impatient` once `patience` is over.
        case look(reader: UInt64, CacheKey)
        /// Have the queue make and store the value and call `stored`; and `waited` once `patience` is over.
        case store(Fill)
        /// Call `waited` once `patience` is over again.
        case wait(Fill)
        /// Ask Redis for what was stored, and call `fetched`.
        case fetch(Fill)
        /// Run the query for the readers alone: call `began` when its turn has come, and `computed`.
        case compute(Fill)
        /// Do not run the query: nobody waits for it any more.
        case abandon(Fill)
        /// Have the queue refresh a stale value, and call `renewed`.
        case renew(Fill)
        /// Answer a reader.
        case answer(reader: UInt64, ReadOutcome)
    }

    /// For how long Redis is waited for when there is another way.
    public static let patience = Moment.Span.milliseconds(250)

    /// How many looks, fills and renewals are under way at once.
    private let limit: Int
    /// What Redis is asked, by the reader who wants to know.
    private var looks: [UInt64: Look] = [:]
    var fills: [CacheKey: FillState] = [:]
    /// The key of the fill that a reader waits for.
    var joined: [UInt64: CacheKey] = [:]
    private var renewals = Renewals()
    private var lastFill: UInt64 = 0

    private struct Look {
        let wanted: CacheKey
        let maker: (query: QueryID, parameters: Bytes)?
        /// The reader's time is not over.
        var isAwaited = true
        /// Nothing was decided yet: Redis is still waited for.
        var isOpen = true
    }

    /// A fill that is under way.
    struct FillState {
        enum Phase { case storing, fetching, inLine, running }

        let fill: Fill
        var phase: Phase
        /// Those who wait for it, in the order in which they came.
        var readers: [UInt64] = []
    }

    /// Nobody reads.
    ///
    /// - Parameter limit: how many looks, fills and renewals are under way at once, each. Over it Redis is not asked, a
    ///   value is made for its reader alone, and a stale value is given and not renewed.
    public init(atMost limit: Int = 16_384) { self.limit = limit }

    /// Whether nothing is remembered: nobody waits, and nothing is under way.
    public var isEmpty: Bool { looks.isEmpty && fills.isEmpty && joined.isEmpty && renewals.isEmpty }

    // MARK: Readers

    /// A reader wants the value of a key.
    ///
    /// - Parameters:
    ///   - reader: a number of its own, above those of all who asked before.
    ///   - maker: the query that makes the key, and its parameters; nil when none does.
    public mutating func asks(
        _ reader: UInt64, for wanted: CacheKey, maker: (query: QueryID, parameters: Bytes)?
    ) -> [Action] {
        // What is on its way from Redis already may be older than a write that the reader knows of: it looks for itself.
        if let phase = fills[wanted]?.phase, phase != .fetching {
            join(reader, wanted)
            return []
        }
        let look = Look(wanted: wanted, maker: maker)
        if looks.count >= limit { return make(for: reader, look, canStore: false) }
        looks[reader] = look
        renewals.asked(by: reader)
        return [.look(reader: reader, wanted)]
    }

    /// Redis has answered, or is known not to.
    ///
    /// - Parameter isQueued: whether the queue holds the key.
    public mutating func looked(
        _ reader: UInt64, _ answer: CacheAnswer, isOwner: Bool, canWrite: Bool, isQueued: Bool
    ) -> [Action] {
        guard let look = looks.removeValue(forKey: reader) else { return [] }
        defer { renewals.lookEnded(reader, look.wanted) }
        if !look.isOpen { return [] }
        guard case .value(let value, let isStale) = answer else {
            return make(for: reader, look, canStore: answer == .nothing && isOwner && canWrite)
        }
        var actions: [Action] = []
        if isStale, isOwner, !isQueued, let fill = renewal(look) { actions.append(.renew(fill)) }
        if look.isAwaited { actions.append(.answer(reader: reader, isStale ? .stale(value) : .hit(value))) }
        return actions
    }

    /// Redis has not answered a reader's look in time.
    public mutating func impatient(_ reader: UInt64) -> [Action] {
        guard let look = looks[reader], look.isOpen else { return [] }
        looks[reader]?.isOpen = false
        return make(for: reader, look, canStore: false)
    }

    /// A reader's time is over.
    public mutating func late(_ reader: UInt64) -> [Action] {
        if let wanted = joined.removeValue(forKey: reader) {
            return [.answer(reader: reader, .late)] + leave(wanted, reader)
        }
        guard let look = looks[reader], look.isOpen, look.isAwaited else { return [] }
        looks[reader]?.isAwaited = false
        return [.answer(reader: reader, .late)]
    }

    private mutating func leave(_ wanted: CacheKey, _ reader: UInt64) -> [Action] {
        guard var state = fills.removeValue(forKey: wanted) else { return [] }
        state.readers.removeAll { $0 == reader }
        if state.readers.isEmpty, state.phase == .inLine { return [.abandon(state.fill)] }
        fills[wanted] = state
        return []
    }

    private mutating func join(_ reader: UInt64, _ wanted: CacheKey) {
        fills[wanted]?.readers.append(reader)
        joined[reader] = wanted
    }

    /// The cache has no value for a reader: it joins those who wait for it, or has it made.
    private mutating func make(for reader: UInt64, _ look: Look, canStore: Bool) -> [Action] {
        guard let maker = look.maker else { return look.isAwaited ? [.answer(reader: reader, .unknown)] : [] }
        let canStore = canStore && fills.count < limit
        var actions: [Action] = []
        // A value that is stored is of use to others than who has asked for it.
        if fills[look.wanted] == nil, look.isAwaited || canStore {
            let fill = newFill(of: look.wanted, by: maker)
            fills[look.wanted] = FillState(fill: fill, phase: canStore ? .storing : .inLine)
            actions = [canStore ? .store(fill) : .compute(fill)]
        }
        if look.isAwaited { join(reader, look.wanted) }
        return actions
    }

    /// A stale value is to be refreshed, unless that is under way.
    private mutating func renewal(_ look: Look) -> Fill? {
        guard let maker = look.maker, renewals.admits(look.wanted, atMost: limit) else { return nil }
        let fill = newFill(of: look.wanted, by: maker)
        renewals.begin(fill.wanted)
        return fill
    }

    /// The queue has refreshed a stale value, or can not.
    public mutating func renewed(_ fill: Fill) {
        renewals.ended(fill.wanted, looks: looks.values.count { $0.wanted == fill.wanted })
    }

    private mutating func newFill(of wanted: CacheKey, by maker: (query: QueryID, parameters: Bytes)) -> Fill {
        lastFill += 1
        return Fill(lastFill, wanted, by: maker)
    }
}
