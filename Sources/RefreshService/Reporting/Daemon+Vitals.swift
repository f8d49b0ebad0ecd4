import Reactor
import RefreshCore

extension Daemon {
    /// What decides about ready, healthy and alive, now.
    func vitals() -> Vitals {
        let now = Moment.now
        var vitals = Vitals()
        vitals.listener = .init(
            isUp: listener.isListening, failure: listener.doubt ?? listener.report.failure ?? listener.deafness)
        vitals.isProven = dispatcher.canary.isProven
        vitals.redis = .init(isUp: link.isHealthy, failure: link.pauseReason ?? link.report.failure)
        vitals.hasFence = link.connection != nil
        vitals.lease = .init(isUp: ownership.report.isUp, failure: ownership.report.failure)
        vitals.workers = workers.map { .init(isUp: $0.report.isUp, failure: $0.report.failure) }
        vitals.isStandby = ownership.isStandby
        vitals.isCovered = dispatcher.keeper.marks.coveredSince != nil
        vitals.pendingRegions = dispatcher.keeper.passes.pending
        vitals.hasWarmed = dispatcher.keeper.hasWarmed
        vitals.readyAfterWarming = configuration.service.ready == .warm
        vitals.isStopping = lifecycle == .stopping
        vitals.lags = lags(at: now)
        vitals.canaryAge = dispatcher.canary.age(at: now)
        vitals.unanswered = dispatcher.canary.unanswered(at: now)
        vitals.heartbeat = Moment.Span(settings.current.heartbeat)
        vitals.queueUsage = ownership.queueUsage
        vitals.bound = convergenceBound
        vitals.running = dispatcher.keeper.queue.oldestRunning.map { now - $0 }
        // A batch ends at the latest when Postgres' deadline and that of Redis have passed.
        vitals.runningBound = Moment.Span(configuration.postgres.statementTimeout) + .seconds(30)
        vitals.sinceBeat = now - (heart.lastBeat + Moment.Span(configuration.service.heartbeat))
        vitals.stalled = dispatcher.stalledSince.map { now - $0 }
        return vitals
    }

    /// How long a value may be wrong once writes and faults have stopped.
    var convergenceBound: Moment.Span {
        ConvergenceBound(
            heartbeat: .init(configuration.service.heartbeat),
            statementTimeout: .init(configuration.postgres.statementTimeout)
        ).span
    }

    private func lags(at now: Moment) -> [Vitals.Lag] {
        dispatcher.keeper.ages(at: now).enumerated().compactMap { index, age in
            guard let age, let region = dispatcher.catalogue.regions[index] else { return nil }
            return Vitals.Lag(
                region: region.name.text, age: age,
                reason: (dispatcher.keeper.queue.fault(in: RegionID(index)) ?? passes.warmFault(in: RegionID(index)))?
                    .text)
        }
    }

    /// The line that `systemctl status` shows.
    func statusLine(rate: Double) -> String {
        let vitals = vitals()
        if let problem = vitals.problems.first { return problem }
        if vitals.isStandby {
            let marks = dispatcher.keeper.marks
            let owner = ownership.holder.map { "of \($0)" } ?? "of another instance"
            return "standby \(owner): \(marks.count) keys and \(marks.regionCount) regions to do at a takeover"
        }
        if !passes.progress.isEmpty {
            let parts = passes.progress.map { region, progress in
                let name = dispatcher.catalogue.regions[region.index]?.name.text ?? "?"
                return "\(progress.kind) \(name): \(progress.keys) keys"
            }
            return parts.sorted().joined(separator: ", ")
        }
        let latency = dispatcher.counters.latency.map { $0.quantile(0.99) ?? 0 }.max() ?? 0
        let parked = dispatcher.keeper.queue.parkedKeys(first: 0).total
        let listening = "listening on \(configuration.registry.channels.count) channels"
        let queue = "\(dispatcher.keeper.queue.keyCount) keys waiting"
        return "\(listening), \(Int(rate)) refreshes/s, \(queue), p99 \(decimal(latency * 1000, places: 1)) ms"
            + (parked > 0 ? ", \(parked) keys parked" : "")
            + (lastReloadFailure == nil ? "" : ", the last reload was refused")
    }
}
