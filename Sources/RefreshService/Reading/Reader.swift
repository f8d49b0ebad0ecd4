import Reactor
import RefreshCore

/// Gives readers values: carries out what `ReadBook` decides.
@Loop
final class Reader {
    private let dispatcher: Dispatcher
    private let link: RedisLink
    private let cache: CacheLooks
    private let direct: DirectReads
    private var book = ReadBook()
    /// What is done with the outcomes of those who wait.
    private var answers: [UInt64: (region: RegionID, then: (ReadOutcome) -> Void)] = [:]
    /// Each looks whether a value can still be stored.
    private var timers: [UInt64: TimerSource] = [:]

    init(_ dispatcher: Dispatcher, _ link: RedisLink, _ side: SideLink, _ direct: DirectReads) {
        self.dispatcher = dispatcher
        self.link = link
        cache = CacheLooks(dispatcher, side)
        self.direct = direct
    }

    /// Finds the value of a key, or makes it; `answer` is called once, at the latest by `late`.
    ///
    /// - Parameter call: a number above those of all readers before.
    func read(
        _ call: UInt64, _ wanted: CacheKey, _ maker: (query: QueryID, parameters: Bytes)?,
        _ answer: @escaping (ReadOutcome) -> Void
    ) {
        answers[call] = (wanted.region, answer)
        perform(book.asks(call, for: wanted, maker: maker))
    }

    /// The time of a reader is over.
    func late(_ call: UInt64) { perform(book.late(call)) }

    private func perform(_ actions: [ReadBook.Action]) {
        for action in actions {
            switch action {
            case .look(let reader, let wanted): look(reader, wanted)
            case .store(let fill): store(fill)
            case .wait(let fill): wait(fill)
            case .fetch(let fill): fetch(fill)
            case .compute(let fill): compute(fill)
            case .abandon(let fill): direct.abandon(fill)
            case .renew(let fill): renew(fill)
            case .answer(let reader, let outcome): answer(reader, outcome)
            }
        }
    }

    private func look(_ reader: UInt64, _ wanted: CacheKey) {
        let timer = TimerSource { [weak self] in
            guard let self else { return }
            perform(book.impatient(reader))
        }
        timer.arm(at: (Moment.now + ReadBook.patience).nanoseconds)
        cache.ask(wanted) { [weak self] found in
            timer.disarm()
            guard let self else { return }
            perform(
                book.looked(
                    reader, found, isOwner: isOwner, canWrite: link.isWritable,
                    isQueued: dispatcher.keeper.queue.holds(wanted.key, in: wanted.region)))
        }
    }

    private var isOwner: Bool { dispatcher.keeper.role == .owner }

    private func store(_ fill: Fill) {
        timers[fill.number] = TimerSource { [weak self] in
            guard let self else { return }
            perform(book.waited(fill, canStore: isOwner && link.isWritable))
        }
        wait(fill)
        dispatcher.call { event in
            dispatcher.keeper.queue.refreshNow(
                fill.query, key: fill.wanted.key, parameters: fill.parameters, event: event, at: .now)
        } then: { [weak self] in
            guard let self else { return }
            timers[fill.number] = nil
            let fault = dispatcher.keeper.queue.fault(of: fill.wanted.key, in: fill.wanted.region)
            perform(book.stored(fill, fault))
        }
    }

    private func wait(_ fill: Fill) {
        timers[fill.number]?.arm(at: (Moment.now + ReadBook.patience).nanoseconds)
    }

    private func fetch(_ fill: Fill) {
        cache.ask(fill.wanted) { [weak self] found in
            guard let self else { return }
            perform(book.fetched(fill, found))
        }
    }

    private func compute(_ fill: Fill) {
        timers[fill.number] = nil
        direct.compute(fill) { [weak self] in
            self?.book.began(fill)
        } then: { [weak self] outcome in
            guard let self else { return }
            perform(book.computed(fill, outcome))
        }
    }

    private func renew(_ fill: Fill) {
        dispatcher.call { event in
            dispatcher.keeper.queue.refresh(
                fill.query, key: fill.wanted.key, parameters: fill.parameters, event: event, at: .now)
        } then: { [weak self] in
            self?.book.renewed(fill)
        }
    }

    private func answer(_ reader: UInt64, _ outcome: ReadOutcome) {
        guard let (region, then) = answers.removeValue(forKey: reader) else { return }
        dispatcher.counters.reads[region.index][outcome.name, default: 0] += 1
        then(outcome)
    }
}
