import Logging
import Reactor
import Redis
import RefreshCore

/// Decides what of a batch is stored, and writes it behind the fence, a call for every megabyte or 512 keys.
///
/// The bytes go from the result cells straight into the connection's output. A write is done once `WriteGate` says
/// so; after any other end nothing is known to be stored, and the keys are refreshed again.
@Loop
final class RegionWriter {
    /// Bounds of one call, so that Redis is not held for more than about a millisecond.
    nonisolated static let callBytes = 1 << 20
    nonisolated static let callKeys = 512
    nonisolated static let callMessages = 512
    /// How many bytes may be on their way before workers and passes wait, and how many writes may wait at the gate,
    /// each with the rows that it is made of.
    private static let roomBytes = 4 << 20
    private static let roomWrites = 4

    unowned let dispatcher: Dispatcher
    let link: RedisLink
    let fence: String
    private let logger: Logger
    private var tooLargeLog = LogLimit(perMinute: 30)
    private var unfitLog = LogLimit(perMinute: 30)
    private var underway = 0
    private var roomWaits: [Waiter<Void>] = []

    init(_ dispatcher: Dispatcher, _ link: RedisLink, name: String, _ logger: Logger) {
        self.dispatcher = dispatcher
        self.link = link
        fence = Fence.key(of: name)
        self.logger = logger
    }

    /// Whether more may be written now.
    var hasRoom: Bool { underway < Self.roomBytes && (link.gate?.waitingCount ?? 0) < Self.roomWrites }

    /// Waits until more may be written.
    func room() async {
        while !hasRoom, !Task.isCancelled {
            let waiter = Waiter<Void>()
            roomWaits.append(waiter)
            try? await waiter.wait(timeout: .seconds(1))
        }
    }

    /// Stores the answers of a batch; `faults` names the items that failed, in order, `unfit` those whose parameters
    /// are no values of their types, so that they have no row.
    func store(
        _ batch: Batch, _ plan: QueryPlan, _ answers: Answers, faults: [(place: Int, fault: RefreshFault)] = [],
        unfit: Set<Int> = []
    ) {
        // Held once, and not for each key.
        let dispatcher = dispatcher
        dispatcher.keeper.queue.answered(batch)
        let known = withTooLarge(batch, plan, answers, faults)
        let faults = plan.region.serializer == .pickle ? pickled(answers, of: batch, besides: known) : known
        if !unfit.isEmpty { tellOfUnfit(unfit.count, plan) }
        var failed = faults[...]
        var keys: [Bytes] = []
        var fates: [Fate] = []
        keys.reserveCapacity(batch.items.count)
        fates.reserveCapacity(batch.items.count)
        for place in batch.items.indices {
            keys.append(batch.items[place].key)
            if failed.first?.place == place {
                failed = failed.dropFirst()
                fates.append(.skip)
            } else if !unfit.isEmpty, unfit.contains(place) {
                fates.append(.delete)
            } else {
                fates.append(fate(of: batch, place, plan, answers, place))
            }
        }
        let request = StoreRequest(
            region: plan.region, keys: keys, fates: fates, answers: answers,
            messages: { [dispatcher] place, messages in dispatcher.announce(batch, place, into: &messages) })
        if dispatcher.sabotage.breaks(.acknowledge) {
            dispatcher.finish(batch, .stored(except: faults))
            return write(request) { _ in }
        }
        write(request) { [dispatcher] isStored in
            let contested = dispatcher.locks?.contested(batch) ?? .none
            dispatcher.finish(batch, isStored ? .stored(except: faults, contested: contested) : .interrupted)
        }
    }

    /// Stores the answers for some items of a batch; nothing is done with the others.
    func store(_ batch: Batch, _ places: [Int], _ plan: QueryPlan, _ answers: Answers) {
        let (fates, faults) = fates(of: batch, places, plan, answers)
        let request = StoreRequest(
            region: plan.region, keys: places.map { batch.items[$0].key }, fates: fates, answers: answers,
            messages: { [dispatcher] place, messages in
                dispatcher.announce(batch, places[place], into: &messages)
            })
        write(request) { [dispatcher] isStored in
            let contested = dispatcher.locks?.contested(batch) ?? .none
            dispatcher.finish(batch, isStored ? .stored(except: faults, contested: contested) : .interrupted)
        }
    }

    /// What is done with items of a batch, whose answers are in their order, and which of them failed.
    func fates(
        of batch: Batch, _ places: [Int], _ plan: QueryPlan, _ answers: Answers
    ) -> (fates: [Fate], faults: [(place: Int, fault: RefreshFault)]) {
        var faults: [(place: Int, fault: RefreshFault)] = []
        let fates = places.enumerated().map { answer, place in
            var fault = answers.fault(of: answer)
            if fault == nil, plan.region.serializer == .pickle { fault = answers.pickle(answer) }
            if let fault {
                faults.append((place, fault))
                return Fate.skip
            }
            return fate(of: batch, place, plan, answers, answer)
        }
        return (fates, faults)
    }

    /// What is done with the item at a place of a batch, whose answer is at a place of its own.
    @inline(__always)
    func fate(of batch: Batch, _ place: Int, _ plan: QueryPlan, _ answers: Answers, _ answer: Int) -> Fate {
        if !dispatcher.keeper.queue.mayStore(batch, place) { return .delete }
        if answers.isMissing(answer) { return plan.query.missing == .null ? .storeNull : .delete }
        return .store
    }

    /// Pickles the answers; tells which items failed, those of before included, in order.
    private func pickled(
        _ answers: Answers, of batch: Batch, besides faults: [(place: Int, fault: RefreshFault)]
    ) -> [(place: Int, fault: RefreshFault)] {
        var found: [(place: Int, fault: RefreshFault)] = []
        var former = faults[...]
        for place in batch.items.indices {
            if former.first?.place == place, let fault = former.popFirst() {
                found.append(fault)
            } else if let fault = answers.pickle(place) {
                found.append((place, fault))
                if case .refresh(let query) = batch.work { dispatcher.counters.failures[query.index] += 1 }
            }
        }
        return found
    }

    private func tellOfUnfit(_ count: Int, _ plan: QueryPlan) {
        dispatcher.counters.unfit[plan.id.index] += UInt64(count)
        guard let skipped = unfitLog.admit(at: .now) else { return }
        logger.warning(
            "parameters dropped: Postgres does not take them for values of their types",
            metadata: [
                "query": "\(plan.query.name)", "types": "\(plan.types.map(\.name).joined(separator: ", "))",
                "dropped_before": "\(skipped)",
            ])
    }

    /// The faults of a batch, with those of values that are too large, which are told.
    private func withTooLarge(
        _ batch: Batch, _ plan: QueryPlan, _ answers: Answers, _ faults: [(place: Int, fault: RefreshFault)]
    ) -> [(place: Int, fault: RefreshFault)] {
        let found = answers.faults()
        if found.isEmpty { return faults }
        dispatcher.counters.failures[plan.id.index] += UInt64(found.count)
        for (place, fault) in found {
            guard let skipped = tooLargeLog.admit(at: .now) else { continue }
            logger.tell(
                .valueTooLarge,
                [
                    "query": "\(plan.query.name)", "key": "\(batch.items[place].key)", "error": "\(fault.text)",
                    "not_logged_before": "\(skipped)",
                ])
        }
        return (faults + found).sorted { $0.place < $1.place }
    }

    /// Stores what a standby may be told, behind the fence: that is the end of a nonce's way.
    func store(_ batch: Batch, canary number: UInt64) {
        guard let connection = link.connection else { return dispatcher.canaryDone(batch, number, isStored: false) }
        let token = link.token
        let word = dispatcher.keeper.word(token: token, at: .now)
        connection.send(
            script: link.writeScript, keys: word == nil ? 1 : 2, arguments: word == nil ? 5 : 6,
            { [fence, word] writer in
                writer.append(fence)
                if word != nil { writer.append(Fence.wordKey(of: dispatcher.name)) }
                writer.append(token)
                writer.append("0")
                writer.append("v")
                writer.append(word == nil ? "0" : "1")
                writer.append("0")
                if let word { writer.append(word.text) }
            },
            reply: { [weak self] reply in
                guard let self else { return }
                dispatcher.canaryDone(
                    batch, number, isStored: settle(WriteEnding(reply), [], isCurrent: connection === link.connection))
            })
        connection.flush()
    }

    /// Deletes the keys of a batch.
    func delete(_ batch: Batch) {
        guard let region = dispatcher.catalogue.regions[batch.region.index] else {
            return dispatcher.finish(batch, .stored(except: []))
        }
        guard region.locks != nil, let locks = dispatcher.locks else { return delete(batch, in: region) }
        locks.take(batch, region) { [self] in delete(batch, in: region) }
    }

    private func delete(_ batch: Batch, in region: Region) {
        let request = StoreRequest(
            region: region, keys: batch.items.map(\.key),
            fates: Array(repeating: .delete, count: batch.items.count), answers: nil,
            messages: { [dispatcher] place, messages in dispatcher.announce(batch, place, into: &messages) })
        write(request) { [dispatcher] isStored in
            let contested = dispatcher.locks?.contested(batch) ?? .none
            dispatcher.finish(batch, isStored ? .stored(except: [], contested: contested) : .interrupted)
        }
    }

    /// Writes; `done` is called once, when every part is stored or one of them is not known to be.
    func write(_ request: StoreRequest, _ done: @escaping @Loop (Bool) -> Void) {
        let calls = WriteCall.split(request)
        let tally = WriteTally(calls: calls.count, done)
        if calls.isEmpty { return tally.finish() }
        for call in calls { send(call, request, tally) }
    }

    private func send(_ call: WriteCall, _ request: StoreRequest, _ tally: WriteTally) {
        guard let gate = link.gate else { return tally.ended(isStored: false) }
        underway += call.bytes
        gate.add(
            WriteGate.Job(call: call, request: request) { [weak self, weak gate] ending in
                guard let self else { return }
                underway -= call.bytes
                tally.ended(isStored: settle(ending, call.messages, isCurrent: gate === link.gate))
                wakeRoomWaits()
            })
    }

    /// Counts a write that does not go through the gate while it is on its way; `then` is told whether it took place.
    func send(
        bytes: Int, _ write: (@escaping (_ ending: WriteEnding, _ isCurrent: Bool) -> Void) -> Void,
        then: @escaping (Bool) -> Void
    ) {
        underway += bytes
        write { [weak self] ending, isCurrent in
            guard let self else { return }
            underway -= bytes
            then(settle(ending, [], isCurrent: isCurrent))
            wakeRoomWaits()
        }
    }

    /// What the end of a write means; tells whether it is carried out.
    ///
    /// - Parameter isCurrent: whether it went through the gate that is in use; what another met is known already.
    private func settle(_ ending: WriteEnding, _ messages: [Message], isCurrent: Bool) -> Bool {
        switch ending {
        case .verdict(.written(let refused)):
            link.accepted()
            dispatcher.answered(messages, refused: refused)
            return true
        case _ where !isCurrent: break
        case .verdict(.lost): link.raiseAgain()
        case .verdict(.fenced): link.renew("another instance has raised the fence")
        case .unclear: link.renew("Redis answered a write with something else")
        case .failed(let error):
            switch error.disposition {
            case .wait, .report: link.pause("\(error)")
            case .reconnect: link.renew("\(error)")
            case .resync: link.reloadScripts()
            }
        }
        return false
    }

    private func wakeRoomWaits() {
        guard hasRoom, !roomWaits.isEmpty else { return }
        let waits = roomWaits
        roomWaits = []
        for wait in waits { wait.give(()) }
    }
}

/// Counts the calls of one write that are still under way.
@Loop
private final class WriteTally {
    private var left: Int
    private var isStored = true
    private let done: @Loop (Bool) -> Void

    init(calls: Int, _ done: @escaping @Loop (Bool) -> Void) {
        left = calls
        self.done = done
    }

    func ended(isStored: Bool) {
        if !isStored { self.isStored = false }
        left -= 1
        if left == 0 { finish() }
    }

    func finish() { done(isStored) }
}
