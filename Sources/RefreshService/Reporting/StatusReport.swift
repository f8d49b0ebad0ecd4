import Reactor
import RefreshCore

/// The JSON of `/status`: what the daemon is, what is wrong, since when, and what it does about it.
@Loop
struct StatusReport {
    private let daemon: Daemon
    private let now = Moment.now
    private let clock = WallClock.microseconds
    /// How many parked keys are listed.
    private static let parkedKeys = 50

    init(_ daemon: Daemon) { self.daemon = daemon }

    func text() -> [UInt8] {
        JSONText.text { json in
            json.object { json in
                overview(&json)
                connections(&json)
                feed(&json)
                queue(&json)
                regions(&json)
                queries(&json)
                channels(&json)
                followers(&json)
                parked(&json)
                routes(&json)
                gaps(&json)
            }
        } + [UInt8(ascii: "\n")]
    }

    private var dispatcher: Dispatcher { daemon.dispatcher }

    /// A moment of the loop's clock as wall-clock time.
    private func time(_ moment: Moment?) -> String? {
        moment.map { WallClock.text(microseconds: clock - (now - $0).nanoseconds / 1000) }
    }

    private func overview(_ json: inout JSONText) {
        let vitals = daemon.vitals()
        let problems = vitals.problems
        json.member("name", daemon.configuration.service.name)
        json.member("version", Version.text)
        json.member("state", daemon.lifecycle.rawValue)
        json.member("healthy", problems.isEmpty)
        json.member("ready", vitals.isReady)
        json.array("problems") { json in for problem in problems { json.element(problem) } }
        json.member("started", WallClock.text(microseconds: daemon.startedClock))
        json.member("status", daemon.statusLine(rate: 0))
        json.member("configuration", daemon.start.configurationPath)
        json.member("reload_failure", daemon.lastReloadFailure)
        json.member("convergence_bound_seconds", seconds: vitals.bound.seconds)
    }

    private func connections(_ json: inout JSONText) {
        json.object("connections") { json in
            connection(&json, "listener", daemon.listener.report)
            connection(&json, "redis", daemon.link.report)
            json.object("lease") { json in
                json.member("held", daemon.ownership.ownedSince != nil)
                json.member("standby", daemon.ownership.isStandby)
                json.member("owner", owner)
                json.member("since", time(daemon.ownership.ownedSince))
                json.member("token", daemon.link.token.isEmpty ? nil : daemon.link.token)
                json.member("failure", daemon.ownership.report.failure)
            }
            json.member("redis_waits_because", daemon.link.pauseReason)
            json.array("workers") { json in
                for worker in daemon.workers {
                    json.object { json in
                        describe(&json, worker.report)
                        let query = worker.current.flatMap { dispatcher.catalogue.queries[$0.query.index] }
                        json.member("running", query?.name.text)
                        json.member("running_since", time(worker.current?.since))
                    }
                }
            }
        }
    }

    /// Who owns: this instance, or what the server tells of the other.
    private var owner: String? {
        if daemon.ownership.ownedSince != nil { return "this instance" }
        return daemon.ownership.isStandby ? daemon.ownership.holder : nil
    }

    private func feed(_ json: inout JSONText) {
        let canary = dispatcher.canary
        let marks = dispatcher.keeper.marks
        json.object("feed") { json in
            json.member("proven", canary.isProven)
            json.member("complete_until", time(canary.completeUntil))
            json.member("queue_usage", share: daemon.ownership.queueUsage)
            json.member("doubt", daemon.listener.doubt)
            json.member("canary_age_seconds", seconds: canary.age(at: now).seconds)
            json.member("canary_trip_seconds", seconds: canary.lastTrip.map(\.seconds))
        }
        guard daemon.ownership.isStandby else { return }
        json.object("standby") { json in
            json.member("covered_since", time(marks.coveredSince))
            json.member("keys", marks.count)
            json.member("regions", marks.regionCount)
            json.member("bytes", marks.bytes)
        }
    }

    private func connection(_ json: inout JSONText, _ name: String, _ report: ConnectionReport) {
        json.object(name) { json in describe(&json, report) }
    }

    private func describe(_ json: inout JSONText, _ report: ConnectionReport) {
        json.member("up", report.isUp)
        json.member("since", time(report.since))
        json.member("failure", report.failure)
        json.member("attempts", report.attempts)
    }

    private func queue(_ json: inout JSONText) {
        let counts = dispatcher.keeper.queue.counts
        json.object("queue") { json in
            json.member("keys", dispatcher.keeper.queue.keyCount)
            json.member("bytes", dispatcher.keeper.queue.bytes)
            json.member("limit_bytes", dispatcher.keeper.queue.limits.bytes)
            json.member("oldest_seconds", seconds: dispatcher.keeper.queue.oldestUnparked.map { (now - $0).seconds })
            json.member("coalesced", counts.coalesced)
            json.member("folded", counts.folded)
            json.member("messages_waiting", daemon.publisher.waiting)
        }
    }

    private func regions(_ json: inout JSONText) {
        let ages = dispatcher.keeper.ages(at: now)
        let contested = dispatcher.keeper.queue.contestedByRegion
        json.array("regions") { json in
            for (index, region) in dispatcher.catalogue.regions.enumerated() {
                guard let region else { continue }
                let latency = dispatcher.counters.latency[index]
                json.object { json in
                    json.member("name", region.name.text)
                    json.member("prefix", region.prefix)
                    json.member("format", region.format.rawValue)
                    json.member("stored", dispatcher.counters.stored[index])
                    json.member("deleted", dispatcher.counters.deleted[index])
                    json.member("p50_seconds", seconds: latency.quantile(0.5))
                    json.member("p99_seconds", seconds: latency.quantile(0.99))
                    json.member("age_seconds", seconds: ages[index].map(\.seconds) ?? 0)
                    if region.locks != nil {
                        json.member("contested", contested[index])
                        json.member("locks_let_go", dispatcher.counters.locksLetGo[index])
                    }
                    sampled(&json, daemon.sampler.records[index])
                    pass(&json, RegionID(index))
                }
            }
        }
    }

    private func sampled(_ json: inout JSONText, _ record: SampleRecord) {
        guard let share = record.rightShare else { return }
        json.object("sampled") { json in
            json.member("right_share", share: share)
            json.member("nines", record.nines)
            json.member("samples", record.samples)
            json.member("late", record.count(.late))
            json.member("wrong", record.count(.wrong))
        }
    }

    private func pass(_ json: inout JSONText, _ region: RegionID) {
        json.member("resync_pending", dispatcher.keeper.passes.isPending(region))
        guard let progress = daemon.passes.progress[region] else { return }
        json.object("resync") { json in
            json.member("doing", progress.kind)
            json.member("since", time(progress.since))
            json.member("keys", progress.keys)
            json.member("expected", progress.expected > 0 ? max(progress.expected, progress.keys) : nil)
        }
    }

    private func queries(_ json: inout JSONText) {
        let lanes = dispatcher.keeper.queue.report()
        json.array("queries") { json in
            for (index, query) in dispatcher.catalogue.queries.enumerated() {
                guard let query else { continue }
                let id = QueryID(index)
                let lane = lanes.first { $0.work == .refresh(id) }
                json.object { json in
                    json.member("name", query.name.text)
                    json.member("region", query.region.text)
                    json.member("form", daemon.plans[id]?.formName)
                    json.member("waiting", lane?.waiting ?? 0)
                    json.member("running", lane?.running ?? 0)
                    json.member("oldest_seconds", seconds: lane?.oldest.map { (now - $0).seconds })
                    json.member("failures", dispatcher.counters.failures[index])
                    json.member("failure", (lane?.fault ?? daemon.plans.fault(of: id))?.text)
                    json.member("failing_since", time(lane?.failingSince))
                    json.member("paused_until", time(lane?.suspendedUntil))
                    json.member("warm_failure", daemon.passes.warmFaults[id]?.text)
                }
            }
        }
    }

    private func channels(_ json: inout JSONText) {
        json.array("channels") { json in
            for (index, channel) in dispatcher.catalogue.channels.enumerated() {
                guard let channel else { continue }
                json.object { json in
                    json.member("name", channel.name.text)
                    json.member("notifications", dispatcher.counters.notifications[index])
                    json.member("bad_payloads", dispatcher.counters.badPayloads[index])
                    json.member("last_fault", dispatcher.lastPayloadFaults[ChannelID(index)])
                }
            }
        }
    }

    private func followers(_ json: inout JSONText) {
        json.object("followers") { json in
            json.member("count", daemon.port.followers)
            json.member("limit", daemon.port.limit)
            json.member("cut", daemon.port.cuts)
        }
    }

    private func parked(_ json: inout JSONText) {
        let (shown, total) = dispatcher.keeper.queue.parkedKeys(first: Self.parkedKeys)
        json.object("parked") { json in
            json.member("total", total)
            json.array("keys") { json in
                for key in shown {
                    json.object { json in
                        let query = key.query.flatMap { dispatcher.catalogue.queries[$0.index] }
                        let prefix = dispatcher.catalogue.regions[key.region.index]?.prefix ?? ""
                        json.member("query", query?.name.text)
                        json.member("key", prefix + key.key.description)
                        json.member("failure", key.fault?.text)
                        json.member("attempts", key.attempts)
                        json.member("failing_since", time(key.since))
                        json.member("next_attempt", time(key.until))
                    }
                }
            }
        }
    }

    private func routes(_ json: inout JSONText) {
        json.array("failing_routes") { json in
            for (target, trouble) in dispatcher.breakers.troubles.sorted(by: { $0.key.name < $1.key.name }) {
                json.object { json in
                    json.member("target", target.name)
                    json.member("failure", trouble.reason)
                    json.member("failures", trouble.failures)
                    json.member("failing_since", time(trouble.since))
                    json.member("skipped", trouble.skipped)
                    json.member("rests_until", time(trouble.restsUntil))
                }
            }
        }
    }

    private func gaps(_ json: inout JSONText) {
        json.array("gaps") { json in
            for gap in dispatcher.keeper.gaps.gaps {
                json.object { json in
                    json.member("cause", gap.cause.rawValue)
                    json.member("from", time(gap.from))
                    json.member("until", time(gap.until))
                    json.member("repaired", time(gap.repaired))
                    json.member("keys", gap.keys)
                }
            }
        }
    }
}
