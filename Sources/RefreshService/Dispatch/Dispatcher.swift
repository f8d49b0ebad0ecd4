import Logging
import Postgres
import Reactor
import RefreshCore

/// Holds the core's values and carries out what they decide: events in, batches out to workers, messages on.
///
/// Whatever changes the queue ends in `settle`, once a turn of the loop: it hands out what can be done now.
@Loop
final class Dispatcher {
    let logger: Logger
    var router: Router
    /// What is to be kept right, and what for that is to be done.
    var keeper: RegionKeeper
    /// The nonces that show whether notifications arrive.
    var canary: Canary
    var counters = Counters()
    /// The number of the last event of each channel.
    var sequences: [UInt64] = []
    var messages: MessageWriter
    /// Targets of messages that refuse them.
    var breakers = RouteBreakers()
    let payloads: PayloadReader
    let sabotage: Sabotage
    /// The instance's name, and the channel of its nonces.
    let name: String
    let canaryChannel: String
    /// The last channel that an event came by: most come by the same as the one before.
    var lastChannel: (name: Bytes, id: ChannelID?) = (.empty, nil)
    var decisions: [Router.Decision] = []
    /// What was wrong with the last payload of a channel that did not fit.
    var lastPayloadFaults: [ChannelID: String] = [:]
    var badPayloadLog = LogLimit(perMinute: 6)
    var droppedLog = LogLimit(perMinute: 6)

    /// The parts that carry things out; set once, by `Daemon`.
    var writer: RegionWriter?
    var publisher: Publisher?
    var locks: ReaderLocks?
    var link: RedisLink?
    /// The channels that clients follow; nil until somebody does.
    var followed: FollowedChannels?
    var onPassWanted: () -> Void = {}
    var onQuiet: () -> Void = {}
    var onPassSuperseded: (RegionID) -> Void = { _ in }
    var onPassEventDue: (UInt64) -> Void = { _ in }
    /// Something came by the channel of nonces that is not one of a heartbeat.
    var onOtherNonce: (String) -> Void = { _ in }
    /// What happens when that is done, or can not be, which clients wait for.
    var callEnds: [UInt64: () -> Void] = [:]
    var lastCall: UInt64 = 0
    var laterCalls: [() -> Void] = []
    /// Something happened that a report may want to tell of.
    var onActivity: () -> Void = {}
    private var calmWaits: [Waiter<Void>] = []
    private var idle: [WorkerSeat] = []
    private var isSettling = false
    /// Since when keys wait though a worker is free.
    private(set) var stalledSince: Moment?
    private(set) var isStopping = false
    private lazy var wake = TimerSource { [unowned self] in settle() }

    init(
        _ catalogue: Catalogue, name: String, limits: RefreshQueue.Limits, payloads: PayloadReader,
        sabotage: Sabotage, _ logger: Logger
    ) {
        self.name = name
        canaryChannel = Self.canaryChannel(of: name)
        self.sabotage = sabotage
        self.logger = logger
        self.payloads = payloads
        router = Router(catalogue)
        keeper = RegionKeeper(
            catalogue, limits: limits, seed: .random(in: .min ... .max), sabotage: sabotage, at: .now)
        canary = Canary(instance: .random(in: .min ... .max), at: .now)
        messages = MessageWriter(catalogue, epoch: "", now: .now)
        adopt(catalogue)
    }

    /// What is registered.
    var catalogue: Catalogue { keeper.catalogue }

    /// What sequence numbers count within.
    var epoch: String {
        get { messages.epoch }
        set { messages.epoch = newValue }
    }

    /// Takes up another registry; what waits for what is gone is forgotten.
    func adopt(_ catalogue: Catalogue) {
        router = Router(catalogue)
        payloads.learn(catalogue, router)
        keeper.adopt(catalogue)
        counters.adopt(catalogue)
        messages = MessageWriter(catalogue, epoch: epoch, now: .now)
        breakers.keep(Set(catalogue.registry.channels.flatMap { $0.publish.map(\.target) }))
        lastChannel = (.empty, nil)
        followed?.adopt(catalogue)
        while sequences.count < catalogue.channels.count { sequences.append(0) }
    }

    // MARK: Work

    /// The next batch for a worker; nil when the seat is closed or the daemon stops.
    func next(_ seat: WorkerSeat) async -> Batch? {
        if isStopping, keeper.queue.isQuiet { return nil }
        if let batch = takeBatch() { return batch }
        idle.append(seat)
        let batch = (try? await seat.waiter.wait()) ?? nil
        return batch
    }

    /// Wakes a worker that waits, without a batch.
    func release(_ seat: WorkerSeat) {
        guard let place = idle.firstIndex(where: { $0 === seat }) else { return }
        idle.remove(at: place)
        seat.waiter.give(nil)
    }

    /// The next batch, if there is one that can run now.
    func takeBatch() -> Batch? {
        mayTake ? keeper.queue.takeBatch(at: .now) : nil
    }

    /// A batch to be sent behind one that runs, if there is one that nobody else would take.
    func takeBehind(_ batch: Batch) -> Batch? {
        mayTake ? keeper.queue.takeBehind(batch, othersAreFree: !idle.isEmpty, at: .now) : nil
    }

    /// A batch has ended.
    func finish(_ batch: Batch, _ outcome: BatchOutcome) {
        if case .stored(let faults, _) = outcome { count(batch, faults.map(\.place)) }
        let letGo = keeper.queue.finish(batch, outcome, at: .now)
        locks?.release(batch, letGo: letGo)
        settleSoon()
    }

    private func count(_ batch: Batch, _ failed: [Int]) {
        let now = Moment.now
        if case .canary = batch.work { return }
        let region = batch.region.index
        var failures = failed[...]
        // Events that arrived together are recorded together.
        var (since, count) = (now, UInt64(0))
        for place in batch.items.indices {
            if failures.first == place {
                failures = failures.dropFirst()
                continue
            }
            if batch.items[place].since != since {
                counters.latency[region].record((now - since).seconds, times: count)
                (since, count) = (batch.items[place].since, 0)
            }
            count += 1
        }
        counters.latency[region].record((now - since).seconds, times: count)
        switch batch.work {
        case .refresh(let query) where catalogue.queries[query.index]?.target != nil: break
        case .refresh: counters.stored[region] += UInt64(batch.items.count - failed.count)
        case .delete: counters.deleted[region] += UInt64(batch.items.count)
        case .together:
            for part in batch.parts {
                counters.stored[catalogue.regionOfQuery[part.query.index].index] += UInt64(part.places.count)
            }
        case .canary: break
        }
    }

    // MARK: Settling

    /// Settles at the end of the turn, once for all that happens in it.
    func settleSoon() {
        if isSettling { return }
        isSettling = true
        EventLoop.shared.perform { [weak self] in self?.settle() }
    }

    /// Hands out what can be done now, and sets the timer for what can be done later.
    func settle() {
        isSettling = false
        publisher?.flush()
        keeper.resyncFolded(at: .now)
        var due: [Message] = []
        for event in keeper.queue.takeDue() {
            switch event.purpose {
            case .messages: messagesDue(event, &due)
            case .pass(nil): keeper.caughtUp(at: .now)
            case .pass: onPassEventDue(event.sequence)
            case .call(let number): callEnds.removeValue(forKey: number)?()
            }
        }
        act()
        leaveOutResting(&due)
        publisher?.publish(due)
        followed?.settle(oldest: keeper.queue.oldestUnparked, at: .now)
        if let link, link.isWritable, let writer {
            // Asked each time: a write that finds the connection gone comes back at once, and would be taken for ever.
            while link.isWritable, writer.hasRoom, let batch = keeper.queue.takeDeletions(at: .now) {
                writer.delete(batch)
            }
            while link.isWritable, !idle.isEmpty, writer.hasRoom, let batch = keeper.queue.takeBatch(at: .now) {
                idle.removeFirst().waiter.give(batch)
            }
        }
        // A pause that is over already ends when somebody can take a batch again, and that is settled then.
        if let next = keeper.queue.nextWake, next > .now || canTake {
            wake.arm(at: next.nanoseconds)
        } else {
            wake.disarm()
        }
        wakeCalmWaits()
        takeLaterCalls()
        onActivity()
        if keeper.queue.isQuiet { quiet() }
    }

    /// Whether Redis takes what a batch would make.
    private var mayTake: Bool { link?.isWritable == true && writer?.hasRoom == true }

    /// Whether a batch would be taken if there were one.
    private var canTake: Bool { mayTake && !idle.isEmpty }

    /// Looks, at each heartbeat, whether keys wait that a free worker should have taken long ago.
    func noticeStandstill() {
        guard canTake, keeper.queue.hasReadyWork else {
            stalledSince = nil
            return
        }
        if stalledSince == nil { stalledSince = .now }
    }

    /// Waits until the queue has room for what a pass asks for, well below the bound at which it would fold.
    func calm() async {
        while !keeper.queue.isCalm, !Task.isCancelled {
            let waiter = Waiter<Void>()
            calmWaits.append(waiter)
            try? await waiter.wait(timeout: .seconds(1))
        }
    }

    private func wakeCalmWaits() {
        guard !calmWaits.isEmpty, keeper.queue.isCalm else { return }
        let waits = calmWaits
        calmWaits = []
        for waiter in waits { waiter.give(()) }
    }

    private func quiet() {
        if isStopping {
            for seat in idle { seat.waiter.give(nil) }
            idle = []
        }
        onQuiet()
    }

    /// No more batches are begun once what waits is done.
    func stop() {
        isStopping = true
        settle()
    }
}

/// Where one worker waits for its next batch.
@Loop
final class WorkerSeat {
    let waiter = Waiter<Batch?>()
}
