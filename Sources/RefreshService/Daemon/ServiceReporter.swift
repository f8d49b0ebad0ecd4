import CMemory
import Logging
import Reactor
import RefreshCore
import Systemd

/// Tells the service manager what the daemon is doing: READY once, STATUS while things happen, the watchdog while
/// work makes progress. While nothing happens it wakes for the watchdog only.
@Loop
final class ServiceReporter {
    private unowned let daemon: Daemon
    private let notifier: ServiceNotifier
    private var toldReady = false
    private var lastStored: UInt64 = 0
    private var lastStatus = ""
    /// The regions that have been behind for longer than the bound.
    private var lateRegions: Set<String> = []
    private var lastTick = Moment.now
    private let changed = Waiter<Void>()
    private lazy var watchdog = TimerSource { [unowned self] in feed() }

    init(_ daemon: Daemon) {
        self.daemon = daemon
        notifier = daemon.start.notifier
        daemon.dispatcher.onActivity = { [changed] in changed.give(()) }
    }

    /// Reports until the task is cancelled.
    func run() async {
        if daemon.start.watchdog != nil { feed() }
        while !Task.isCancelled {
            report()
            do {
                try await waitForChange()
                // Not more than once a second under load; until READY at once, for who waits for it.
                if toldReady { try await Loop.sleep(for: .seconds(1)) }
            } catch { return }
            changed.clear()
        }
    }

    /// Until READY it speaks up now and then, so that the manager's patience does not end.
    private func waitForChange() async throws(WaitError) {
        do { try await changed.wait(timeout: toldReady ? nil : .seconds(15)) } catch .timedOut {}
    }

    /// Until READY a reload is a part of the start, of which the manager hears nothing.
    func reloading() {
        if toldReady { notifier.reloading(status: "reloading the configuration") }
        daemon.logger.notice("reloading")
    }

    func reloaded() {
        lastStatus = ""
        if toldReady, daemon.lifecycle != .stopping { notifier.ready(status: daemon.statusLine(rate: 0)) }
    }

    func stopping() {
        notifier.stopping(status: "draining: \(daemon.dispatcher.keeper.queue.keyCount) keys wait")
    }

    private func report() {
        let now = Moment.now
        let seconds = (now - lastTick).seconds
        let stored = daemon.dispatcher.counters.stored.reduce(0, +)
        let rate = seconds > 0.01 ? Double(stored - lastStored) / seconds : 0
        (lastTick, lastStored) = (now, stored)
        if daemon.lifecycle == .stopping { return }
        let status = daemon.statusLine(rate: rate)
        let vitals = daemon.vitals()
        tellOfLateRegions(vitals)
        if !toldReady {
            if vitals.isReady || vitals.standsBy {
                toldReady = true
                daemon.lifecycle = .ready
                daemon.logger.tell(
                    .ready, ["seconds": "\(decimal((now - daemon.startedAt).seconds, places: 3))"])
                notifier.ready(status: status)
                memory_release_start()
            } else {
                notifier.extendTimeout(by: .seconds(60))
            }
        }
        guard status != lastStatus else { return }
        lastStatus = status
        notifier.status(status)
    }

    private func tellOfLateRegions(_ vitals: Vitals) {
        let late = vitals.late
        let names = Set(late.map(\.region))
        for lag in late where !lateRegions.contains(lag.region) {
            daemon.logger.tell(
                .behind,
                [
                    "region": "\(lag.region)", "seconds": "\(Int(lag.age.seconds))",
                    "bound_seconds": "\(Int(vitals.bound.seconds))", "error": "\(lag.reason ?? "")",
                ])
        }
        if names.isEmpty, !lateRegions.isEmpty { daemon.logger.tell(.caughtUp) }
        lateRegions = names
    }

    private func feed() {
        guard let period = daemon.start.watchdog?.period else { return }
        if daemon.vitals().makesProgress {
            notifier.watchdog()
        } else {
            daemon.logger.tell(.stuck)
        }
        watchdog.arm(after: period)
    }
}
