import Reactor
import RefreshCore

/// The text of `/metrics`.
@Loop
struct MetricsReport {
    private let daemon: Daemon
    private let now = Moment.now

    init(_ daemon: Daemon) { self.daemon = daemon }

    func text() -> [UInt8] {
        var text = MetricsText()
        state(&text)
        events(&text)
        queue(&text)
        regions(&text)
        freshness(&text)
        samples(&text)
        queries(&text)
        connections(&text)
        return text.bytes
    }

    private var dispatcher: Dispatcher { daemon.dispatcher }
    private var counters: Counters { dispatcher.counters }

    private func state(_ text: inout MetricsText) {
        let vitals = daemon.vitals()
        text.metric("rekindle_info", "gauge", "The version that runs.") { $0.value(1, [("version", Version.text)]) }
        text.metric("rekindle_ready", "gauge", "1 when the daemon is ready.") { $0.value(vitals.isReady) }
        text.metric("rekindle_healthy", "gauge", "1 when nothing is wrong.") { $0.value(vitals.problems.isEmpty) }
        text.metric("rekindle_lease_held", "gauge", "1 while this instance is the owner.") {
            $0.value(daemon.ownership.ownedSince != nil)
        }
        text.metric("rekindle_convergence_bound_seconds", "gauge", "How long a value may be wrong after faults.") {
            $0.value(vitals.bound.seconds)
        }
        text.metric("rekindle_canary_age_seconds", "gauge", "For how long no nonce has come the whole way.") {
            $0.value(vitals.canaryAge.seconds)
        }
        text.metric("rekindle_notification_queue_usage", "gauge", "How full Postgres' notification queue is, 0 to 1.") {
            $0.value(vitals.queueUsage)
        }
        text.metric("rekindle_standby_marks", "gauge", "Keys that a standby would refresh at a takeover.") {
            $0.value(Double(dispatcher.keeper.marks.count))
        }
        text.metric("rekindle_uptime_seconds", "gauge", "Seconds since the start.") {
            $0.value((now - daemon.startedAt).seconds)
        }
        text.metric("rekindle_reloads_total", "counter", "Reloads, by result.") {
            $0.value(counters.reloads, [("result", "applied")])
            $0.value(counters.refusedReloads, [("result", "refused")])
        }
        text.metric("rekindle_gaps_total", "counter", "Stretches in which events may have been lost, by cause.") {
            for cause in GapCause.allCases {
                $0.value(dispatcher.keeper.gaps.counts[cause] ?? 0, [("cause", cause.rawValue)])
            }
        }
        text.metric("rekindle_gap_open", "gauge", "1 while a gap is not answered.") {
            $0.value(dispatcher.keeper.gaps.isOpen)
        }
    }

    private func events(_ text: inout MetricsText) {
        text.metric("rekindle_notifications_total", "counter", "Notifications received, by channel.") { samples in
            forEachChannel { index, name in samples.value(counters.notifications[index], [("channel", name)]) }
        }
        text.metric("rekindle_bad_payloads_total", "counter", "Payloads that did not fit, by channel.") { samples in
            forEachChannel { index, name in samples.value(counters.badPayloads[index], [("channel", name)]) }
        }
        text.metric("rekindle_whole_table_total", "counter", "Changes of whole tables, by channel.") { samples in
            forEachChannel { index, name in samples.value(counters.wholeTables[index], [("channel", name)]) }
        }
        text.metric("rekindle_unknown_notifications_total", "counter", "Notifications of unregistered channels.") {
            $0.value(counters.unknownNotifications)
        }
        text.metric("rekindle_followers", "gauge", "Clients that follow events.") { $0.value(daemon.port.followers) }
        text.metric("rekindle_followers_cut_total", "counter", "Followers cut because they did not read.") {
            $0.value(daemon.port.cuts)
        }
        text.metric("rekindle_messages_published_total", "counter", "Messages that Redis took.") {
            $0.value(counters.published)
        }
        text.metric("rekindle_messages_skipped_total", "counter", "Messages left out, for their target refuses them.") {
            $0.value(dispatcher.breakers.skipped)
        }
        text.metric("rekindle_failing_routes", "gauge", "Channels and streams that refused their last message.") {
            $0.value(dispatcher.breakers.troubles.count)
        }
        text.metric("rekindle_messages_failed_total", "counter", "Messages that Redis refused.") {
            $0.value(counters.publishFailures)
        }
        text.metric("rekindle_messages_dropped_total", "counter", "Messages given up because too many waited.") {
            $0.value(counters.publishDropped + dispatcher.keeper.queue.counts.messagesDropped)
        }
    }

    private func queue(_ text: inout MetricsText) {
        text.metric("rekindle_queue_keys", "gauge", "Keys that wait, run or are parked.") {
            $0.value(dispatcher.keeper.queue.keyCount)
        }
        text.metric("rekindle_queue_bytes", "gauge", "Memory of waiting keys and events.") {
            $0.value(dispatcher.keeper.queue.bytes)
        }
        text.metric("rekindle_queue_age_seconds", "gauge", "Age of the oldest event not stored yet.") {
            $0.value(dispatcher.keeper.queue.oldestUnparked.map { (now - $0).seconds } ?? 0)
        }
        text.metric("rekindle_coalesced_total", "counter", "Events that found their key waiting already.") {
            $0.value(dispatcher.keeper.queue.counts.coalesced)
        }
        text.metric("rekindle_folded_total", "counter", "How often a query's keys folded into a resync.") {
            $0.value(dispatcher.keeper.queue.counts.folded)
        }
        text.metric("rekindle_parked_keys", "gauge", "Keys that pause after a fault of their own.") {
            $0.value(dispatcher.keeper.queue.parkedKeys(first: 0).total)
        }
        text.metric("rekindle_parked_total", "counter", "How often a key was parked.") {
            $0.value(dispatcher.keeper.queue.counts.parked)
        }
        text.metric("rekindle_batch_keys", "histogram", "Keys a batch.") { $0.histogram(counters.batchSize) }
        text.metric("rekindle_statements_total", "counter", "Batches run.") { $0.value(counters.statements) }
    }

    private func regions(_ text: inout MetricsText) {
        text.metric("rekindle_stored_total", "counter", "Keys stored, by region.") { samples in
            forEachRegion { index, name in samples.value(counters.stored[index], [("region", name)]) }
        }
        text.metric("rekindle_deleted_total", "counter", "Keys deleted by invalidations and resyncs, by region.") {
            samples in
            forEachRegion { index, name in samples.value(counters.deleted[index], [("region", name)]) }
        }
        text.metric("rekindle_reads_total", "counter", "Reads by the socket, by region and result.") { samples in
            forEachRegion { index, name in
                for result in ReadOutcome.names {
                    samples.value(counters.reads[index][result] ?? 0, [("region", name), ("result", result)])
                }
            }
        }
        text.metric(
            "rekindle_refresh_seconds", "histogram", "From the arrival of an event until its key is stored, by region."
        ) { samples in
            forEachRegion { index, name in samples.histogram(counters.latency[index], [("region", name)]) }
        }
        let ages = dispatcher.keeper.ages(at: now)
        text.metric("rekindle_region_age_seconds", "gauge", "For how long values of the region may have been wrong.") {
            samples in
            forEachRegion { index, name in samples.value(ages[index]?.seconds ?? 0, [("region", name)]) }
        }
        text.metric("rekindle_resync_pending", "gauge", "1 while the region waits for a resync or is in one.") {
            samples in
            forEachRegion { index, name in
                samples.value(dispatcher.keeper.passes.isPending(RegionID(index)), [("region", name)])
            }
        }
        let contested = dispatcher.keeper.queue.contestedByRegion
        text.metric("rekindle_contested_keys", "gauge", "Keys stored while a reader held their lock, by region.") {
            samples in
            forEachRegion { index, name in samples.value(contested[index], [("region", name)]) }
        }
        text.metric("rekindle_locks_let_go_total", "counter", "Keys whose lock a reader held for too long, by region.")
        {
            samples in
            forEachRegion { index, name in samples.value(counters.locksLetGo[index], [("region", name)]) }
        }
        text.metric("rekindle_resync_keys_total", "counter", "Keys that resyncs and purges have handled.") {
            $0.value(counters.passKeys)
        }
    }

    private func freshness(_ text: inout MetricsText) {
        text.metric("rekindle_refreshed_ahead_total", "counter", "Keys refreshed before they were stale, by region.") {
            samples in
            forEachWalk { index, name, _ in samples.value(counters.refreshedAhead[index], [("region", name)]) }
        }
        text.metric("rekindle_refresh_ahead_waiting", "gauge", "Keys that are due and wait for the region's budget.") {
            samples in
            forEachWalk { _, name, walk in samples.value(walk.waiting, [("region", name)]) }
        }
        text.metric("rekindle_stale_keys", "gauge", "Keys that were stale when they were last looked at, by region.") {
            samples in
            forEachWalk { _, name, walk in samples.value(walk.stale, [("region", name)]) }
        }
        text.metric("rekindle_unread_keys", "gauge", "Keys that are let go, for nobody reads them, by region.") {
            samples in
            forEachWalk { _, name, walk in samples.value(walk.unread, [("region", name)]) }
        }
    }

    private func samples(_ text: inout MetricsText) {
        let (records, ages) = (daemon.sampler.records, daemon.sampler.ages)
        text.metric("rekindle_sampled_total", "counter", "Values compared with their query, by region and result.") {
            samples in
            forEachRegion { index, name in
                for result in SampleRecord.Result.allCases {
                    samples.value(records[index].count(result), [("region", name), ("result", result.rawValue)])
                }
            }
        }
        text.metric("rekindle_sampled_right_share", "gauge", "Right answers of the last 1,000 samples, 0 to 1.") {
            samples in
            forEachRegion { index, name in
                if let share = records[index].rightShare { samples.value(share, [("region", name)]) }
            }
        }
        text.metric("rekindle_sampled_age_seconds", "histogram", "How old sampled values were, by region.") {
            samples in
            forEachRegion { index, name in
                if ages[index].count > 0 { samples.histogram(ages[index], [("region", name)]) }
            }
        }
    }

    private func forEachWalk(_ body: (Int, String, AheadWalk) -> Void) {
        forEachRegion { index, name in
            if let walk = daemon.ahead.walks[index] { body(index, name, walk) }
        }
    }

    private func queries(_ text: inout MetricsText) {
        text.metric("rekindle_query_failures_total", "counter", "Failed statements, by query.") { samples in
            for (index, query) in dispatcher.catalogue.queries.enumerated() {
                guard let query else { continue }
                samples.value(counters.failures[index], [("query", query.name.text)])
            }
        }
        text.metric("rekindle_unfit_parameters_total", "counter", "Keys dropped for their parameters, by query.") {
            samples in
            for (index, query) in dispatcher.catalogue.queries.enumerated() {
                guard let query else { continue }
                samples.value(counters.unfit[index], [("query", query.name.text)])
            }
        }
        text.metric("rekindle_query_paused", "gauge", "1 while the query pauses because it can not run.") { samples in
            for (index, query) in dispatcher.catalogue.queries.enumerated() {
                guard let query else { continue }
                samples.value(dispatcher.keeper.queue.fault(of: QueryID(index)) != nil, [("query", query.name.text)])
            }
        }
    }

    private func connections(_ text: inout MetricsText) {
        text.metric("rekindle_up", "gauge", "1 while the connection is up, by connection.") { samples in
            samples.value(daemon.listener.report.isUp, [("connection", "listener")])
            samples.value(daemon.link.report.isUp, [("connection", "redis")])
            for worker in daemon.workers {
                samples.value(worker.report.isUp, [("connection", "worker \(worker.number)")])
            }
        }
        text.metric("rekindle_connects_total", "counter", "Connections made, by kind.") { samples in
            samples.value(counters.listenerConnects, [("kind", "listener")])
            samples.value(counters.redisConnects, [("kind", "redis")])
            samples.value(counters.workerConnects, [("kind", "worker")])
        }
    }

    private func forEachChannel(_ body: (Int, String) -> Void) {
        for (index, channel) in dispatcher.catalogue.channels.enumerated() {
            if let channel { body(index, channel.name.text) }
        }
    }

    private func forEachRegion(_ body: (Int, String) -> Void) {
        for (index, region) in dispatcher.catalogue.regions.enumerated() {
            if let region { body(index, region.name.text) }
        }
    }
}
