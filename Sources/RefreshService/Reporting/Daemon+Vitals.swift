import Reactor
import RefreshCore

extension Daemon {
    /// What decides about ready, healthy and alive, now.
    func vitals() -> Vitals {
        let now = Moment.now
        var vitals = Vitals()
        vitals.listener = .init(isUp: listener.isListening, failure: listener.report.failure)
        vitals.redis = .init(isUp: link.isHealthy, failure: link.pauseReason ?? link.report.failure)
        vitals.workers = workers.map { .init(isUp: $0.report.isUp, failure: $0.report.failure) }
        vitals.isStandby = ownership.isStandby
        vitals.pendingRegions = dispatcher.passes.pending
        vitals.hasWarmed = dispatcher.hasWarmed
        vitals.readyAfterWarming = configuration.service.ready == .warm
        vitals.isStopping = lifecycle == .stopping
        vitals.oldest = dispatcher.queue.oldestUnparked.map { now - $0 }
        let timeout = configuration.postgres.statementTimeout.nanoseconds
        vitals.bound = Moment.Span(nanoseconds: 2 * timeout + 10_000_000_000)
        vitals.running = dispatcher.queue.oldestRunning.map { now - $0 }
        // A batch ends at the latest when Postgres' deadline and that of Redis have passed.
        vitals.runningBound = Moment.Span(nanoseconds: timeout + 30_000_000_000)
        return vitals
    }

    /// The line that `systemctl status` shows.
    func statusLine(rate: Double) -> String {
        let vitals = vitals()
        if let problem = vitals.problems.first { return problem }
        if !passes.progress.isEmpty {
            let parts = passes.progress.map { region, progress in
                let name = dispatcher.catalogue.regions[region.index]?.name.text ?? "?"
                return "\(progress.kind) \(name): \(progress.keys) keys"
            }
            return parts.sorted().joined(separator: ", ")
        }
        let latency = dispatcher.counters.latency.map { $0.quantile(0.99) ?? 0 }.max() ?? 0
        let parked = dispatcher.queue.parkedKeys(first: 0).total
        let listening = "listening on \(configuration.registry.channels.count) channels"
        let queue = "\(dispatcher.queue.keyCount) keys waiting"
        return "\(listening), \(Int(rate)) refreshes/s, \(queue), p99 \(decimal(latency * 1000, places: 1)) ms"
            + (parked > 0 ? ", \(parked) keys parked" : "")
            + (lastReloadFailure == nil ? "" : ", the last reload was refused")
    }
}
