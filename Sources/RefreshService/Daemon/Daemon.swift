import Glibc
import Logging
import Reactor
import RefreshCore
import Systemd

/// Composes the daemon of its parts, and runs them until it is told to stop. It decides nothing.
@Loop
final class Daemon {
    let start: DaemonStart
    let logger: Logger
    let settings: LiveSettings
    let dispatcher: Dispatcher
    let ownership: Ownership
    let link: RedisLink
    let writer: RegionWriter
    let publisher: Publisher
    let locks: ReaderLocks
    let plans: PlanBook
    let listener: Listener
    let heart: Heart
    let passes: PassRunner
    let barrier: Barrier
    let side: SideLink
    let directReads: DirectReads
    /// The connection by which keys are looked at that nobody has asked for.
    let probe: SideLink
    let ahead: RefreshAhead
    let sampler: Sampler
    let control: Control
    let workers: [Worker]
    /// The way of events to those who follow them.
    let port: FollowerPort
    let streams: FollowedStreams
    let startedAt = Moment.now
    let startedClock = WallClock.microseconds

    /// The configuration in force.
    var configuration: Configuration
    var lifecycle = DaemonState.starting
    var lastReloadFailure: String?
    private let stopRequested = Waiter<Void>()
    private let reloadRequested = Waiter<Void>()
    private var signals: [SignalSource] = []

    init(_ start: DaemonStart, _ port: FollowerPort) throws(DaemonFailure) {
        guard let payloads = PayloadReader() else { throw .outOfMemory }
        self.start = start
        self.port = port
        configuration = start.configuration
        logger = start.logger
        let catalogue = Catalogue(configuration.registry)
        let limits = RefreshQueue.Limits(
            bytes: configuration.service.queueBytes, workers: configuration.postgres.workers)
        settings = LiveSettings(ServiceSettings(configuration))
        dispatcher = Dispatcher(
            catalogue, name: configuration.service.name, limits: limits, payloads: payloads,
            sabotage: Sabotage(environment: start.environment), logger)
        ownership = Ownership(settings, dispatcher, logger)
        link = RedisLink(settings, ownership, dispatcher, logger)
        writer = RegionWriter(dispatcher, link, name: configuration.service.name, logger)
        publisher = Publisher(dispatcher, link, limit: configuration.service.queueBytes / 4, logger)
        locks = ReaderLocks(dispatcher, link, logger)
        streams = FollowedStreams(settings, port, logger)
        plans = PlanBook(settings, dispatcher, logger)
        listener = Listener(settings, dispatcher, plans, logger)
        heart = Heart(settings, dispatcher, ownership, listener)
        passes = PassRunner(settings, dispatcher, plans, writer, link, logger)
        barrier = Barrier(dispatcher, ownership)
        side = SideLink(settings)
        directReads = DirectReads(settings, dispatcher, plans)
        control = Control(dispatcher, barrier, Reader(dispatcher, link, side, directReads), side)
        probe = SideLink(settings)
        ahead = RefreshAhead(dispatcher, link, probe, logger)
        sampler = Sampler(settings, dispatcher, link, probe, plans, barrier, ahead, logger)
        workers = (1...configuration.postgres.workers).map {
            [settings, dispatcher, plans, writer, side, logger] number in
            Worker(number, settings, dispatcher, plans, writer, KeyPresence(side), logger)
        }
        listener.onListening = { [heart] in heart.beat() }
        ownership.onSession = { [heart] in heart.beat() }
        dispatcher.writer = writer
        dispatcher.publisher = publisher
        dispatcher.locks = locks
        dispatcher.link = link
    }

    /// Runs until SIGTERM or SIGINT, and drains.
    ///
    /// The order of shutdown is the order of the lines at the end: nothing new is heard, what waits is done, and
    /// only then are the connections closed.
    func run() async -> Int32 {
        do { try watchSignals() } catch {
            logger.critical("signals can not be watched", metadata: ["error": "\(error)"])
            return EX_OSERR
        }
        let reporter = ServiceReporter(self)
        logger.tell(.bound, ["seconds": "\(Int(convergenceBound.seconds))", "besides": "what resyncs take"])
        await withDiscardingTaskGroup { group in
            group.addTask { await self.ownership.run() }
            group.addTask { await self.link.run() }
            group.addTask { await self.listener.run() }
            group.addTask { await self.heart.run() }
            group.addTask { await self.barrier.run() }
            group.addTask { await self.side.run() }
            for _ in 0..<2 { group.addTask { await self.directReads.run() } }
            group.addTask { await self.streams.run() }
            group.addTask { await self.streams.tail.run() }
            group.addTask { await self.probe.run() }
            group.addTask { await self.ahead.run() }
            group.addTask { await self.sampler.run() }
            for worker in workers { group.addTask { await worker.run() } }
            for _ in 0..<2 { group.addTask { await self.passes.run() } }
            group.addTask { await self.reloadOnRequest(reporter) }
            group.addTask { await reporter.run() }

            try? await stopRequested.wait()
            lifecycle = .stopping
            reporter.stopping()
            listener.stop()
            await drain()
            await link.finish()
            group.cancelAll()
        }
        ownership.close()
        logger.notice("stopped")
        return 0
    }

    /// Lets what waits be done, for as long as the configuration allows.
    private func drain() async {
        let drained = Waiter<Void>()
        dispatcher.onQuiet = { drained.give(()) }
        dispatcher.stop()
        do {
            try await drained.wait(timeout: configuration.service.drainTimeout)
        } catch {
            logger.warning("not everything was refreshed", metadata: ["keys": "\(dispatcher.keeper.queue.keyCount)"])
        }
    }

    private func reloadOnRequest(_ reporter: ServiceReporter) async {
        while true {
            do { try await reloadRequested.wait() } catch { return }
            if lifecycle == .stopping { return }
            reporter.reloading()
            await reload()
            reporter.reloaded()
        }
    }

    private func watchSignals() throws(ReactorError) {
        for signal in [SIGTERM, SIGINT] {
            signals.append(try SignalSource(signal) { [unowned self] in stop(signal) })
        }
        signals.append(try SignalSource(SIGHUP) { [unowned self] in reloadRequested.give(()) })
    }

    private func stop(_ signal: Int32) {
        if lifecycle == .stopping {
            logger.warning("stopped at once by a second signal")
            // What is under way is repaired by the next start's resync: nothing needs to be put away.
            _exit(1)
        }
        logger.tell(.stopping, ["signal": "\(signal)", "keys": "\(dispatcher.keeper.queue.keyCount)"])
        stopRequested.give(())
    }
}

/// Where the daemon is in its life.
enum DaemonState: String {
    case starting, ready, reloading, stopping
}

/// Why the daemon could not be made.
enum DaemonFailure: Error, CustomStringConvertible {
    case outOfMemory

    var description: String { "There is not enough memory to start." }
}
