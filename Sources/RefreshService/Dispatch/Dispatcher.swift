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
    private(set) var catalogue: Catalogue
    var router: Router
    var queue: RefreshQueue
    var passes = RegionPasses()
    var gaps = GapLog()
    var counters = Counters()
    /// The number of the last event of each channel.
    var sequences: [UInt64] = []
    var messages: MessageWriter
    let payloads: PayloadReader
    let sabotage: Sabotage
    /// The last channel that an event came by: most come by the same as the one before.
    var lastChannel: (name: [UInt8], id: ChannelID?) = ([], nil)
    var decisions: [Router.Decision] = []
    /// What was wrong with the last payload of a channel that did not fit.
    var lastPayloadFaults: [ChannelID: String] = [:]
    var badPayloadLog = LogLimit(perMinute: 6)

    /// The parts that carry things out; set once, by `Daemon`.
    var writer: RegionWriter?
    var publisher: Publisher?
    var link: RedisLink?
    var onPassWanted: () -> Void = {}
    var onQuiet: () -> Void = {}
    var onPassSuperseded: (RegionID) -> Void = { _ in }
    var onPassEventDue: (UInt64) -> Void = { _ in }
    /// Something happened that a report may want to tell of.
    var onActivity: () -> Void = {}
    /// Whether every region was right once since the start.
    var hasWarmed = false

    private var calmWaits: [Waiter<Void>] = []
    private var idle: [WorkerSeat] = []
    private var isSettling = false
    private(set) var isStopping = false
    private lazy var wake = TimerSource { [unowned self] in settle() }

    init(
        _ catalogue: Catalogue, limits: RefreshQueue.Limits, payloads: PayloadReader, sabotage: Sabotage,
        _ logger: Logger
    ) {
        self.sabotage = sabotage
        self.logger = logger
        self.catalogue = catalogue
        self.payloads = payloads
        router = Router(catalogue)
        queue = RefreshQueue(limits: limits, seed: .random(in: .min ... .max), sabotage: sabotage)
        messages = MessageWriter(catalogue, epoch: "", now: .now)
        adopt(catalogue)
    }

    /// What sequence numbers count within.
    var epoch: String {
        get { messages.epoch }
        set { messages.epoch = newValue }
    }

    /// Takes up another registry; what waits for what is gone is forgotten.
    func adopt(_ catalogue: Catalogue) {
        self.catalogue = catalogue
        router = Router(catalogue)
        payloads.learn(catalogue, router)
        queue.adopt(catalogue)
        counters.adopt(catalogue)
        messages = MessageWriter(catalogue, epoch: epoch, now: .now)
        for (index, region) in catalogue.regions.enumerated() where region == nil { passes.forget(RegionID(index)) }
        lastChannel = ([], nil)
        while sequences.count < catalogue.channels.count { sequences.append(0) }
    }

    // MARK: Work

    /// The next batch for a worker; nil when the seat is closed or the daemon stops.
    func next(_ seat: WorkerSeat) async -> Batch? {
        if isStopping, queue.isQuiet { return nil }
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

    private func takeBatch() -> Batch? {
        guard let link, link.isWritable, let writer, writer.hasRoom else { return nil }
        return queue.takeBatch(at: .now)
    }

    /// A batch has ended.
    func finish(_ batch: Batch, _ outcome: BatchOutcome) {
        if case .stored(let faults) = outcome { count(batch, faults.map(\.place)) }
        queue.finish(batch, outcome, at: .now)
        settleSoon()
    }

    private func count(_ batch: Batch, _ failed: [Int]) {
        let now = Moment.now
        let region = batch.region.index
        var failures = failed[...]
        for (place, item) in batch.items.enumerated() {
            if failures.first == place {
                failures = failures.dropFirst()
                continue
            }
            counters.latency[region].record((now - item.since).seconds)
        }
        switch batch.work {
        case .refresh: counters.stored[region] += UInt64(batch.items.count - failed.count)
        case .delete: counters.deleted[region] += UInt64(batch.items.count)
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
        for region in queue.takeFolds() { overflowed(region) }
        var due: [Message] = []
        for event in queue.takeDue() {
            switch event.purpose {
            case .messages: messages.append(of: event, after: .refresh, to: &due)
            case .pass: onPassEventDue(event.sequence)
            }
        }
        publisher?.publish(due)
        if let link, link.isWritable, let writer {
            while writer.hasRoom, let batch = queue.takeDeletions(at: .now) { writer.delete(batch) }
            while !idle.isEmpty, writer.hasRoom, let batch = queue.takeBatch(at: .now) {
                idle.removeFirst().waiter.give(batch)
            }
        }
        // A pause that is over already ends when somebody can take a batch again, and that is settled then.
        if let next = queue.nextWake, next > .now { wake.arm(at: next.nanoseconds) } else { wake.disarm() }
        wakeCalmWaits()
        onActivity()
        if queue.isQuiet { quiet() }
    }

    /// Waits until the queue has room for what a pass asks for, well below the bound at which it would fold.
    func calm() async {
        while !isCalm, !Task.isCancelled {
            let waiter = Waiter<Void>()
            calmWaits.append(waiter)
            try? await waiter.wait(timeout: .seconds(1))
        }
    }

    private var isCalm: Bool { queue.keyCount < 16_384 && queue.bytes < queue.limits.bytes / 4 }

    private func wakeCalmWaits() {
        guard !calmWaits.isEmpty, isCalm else { return }
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
