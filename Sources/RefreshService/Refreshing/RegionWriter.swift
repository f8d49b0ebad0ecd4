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

    private unowned let dispatcher: Dispatcher
    private let link: RedisLink
    private let fence: String
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
        let faults = withTooLarge(batch, plan, answers, faults)
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
            } else if (!unfit.isEmpty && unfit.contains(place)) || !dispatcher.keeper.queue.mayStore(batch, place) {
                fates.append(.delete)
            } else if answers.isMissing(place) {
                fates.append(plan.query.missing == .null ? .storeNull : .delete)
            } else {
                fates.append(.store)
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
            dispatcher.finish(batch, isStored ? .stored(except: faults) : .interrupted)
        }
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
        let request = StoreRequest(
            region: region, keys: batch.items.map(\.key),
            fates: Array(repeating: .delete, count: batch.items.count), answers: nil,
            messages: { [dispatcher] place, messages in dispatcher.announce(batch, place, into: &messages) })
        write(request) { [dispatcher] isStored in
            dispatcher.finish(batch, isStored ? .stored(except: []) : .interrupted)
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
