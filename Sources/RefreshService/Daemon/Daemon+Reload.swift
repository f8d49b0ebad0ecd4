import Logging
import Postgres
import Reactor
import RefreshCore

extension Daemon {
    /// Takes up a changed configuration as a whole, or keeps the one in force and says why.
    ///
    /// The order loses no event: the new rules first, then LISTEN to the new channels, then a resync of what the
    /// new rules and channels concern.
    func reload() async {
        let before = lifecycle
        lifecycle = .reloading
        // A stop that came meanwhile stays one, and a start is not over because of a reload.
        defer { if lifecycle == .reloading { lifecycle = before } }
        let fresh: Configuration
        do throws(ConfigurationError) {
            fresh = try Configuration.load(path: start.configurationPath, environment: start.environment)
        } catch {
            for fault in error.faults { logger.error("configuration: \(fault)") }
            logger.tell(.reloadRefused)
            lastReloadFailure = "\(error.faults.first.map { "\($0)" } ?? "unknown fault")"
            dispatcher.counters.refusedReloads += 1
            return
        }
        for warning in fresh.warnings { logger.warning("configuration: \(warning)") }
        lastReloadFailure = nil
        dispatcher.counters.reloads += 1
        for key in restartKeys(fresh) {
            logger.warning("a change takes effect at the next restart only", metadata: ["setting": "\(key)"])
        }
        let former = (settings: settings.current, registry: configuration.registry)
        configuration = fresh
        settings.current = former.settings.taking(ServiceSettings(fresh))
        dispatcher.keeper.queue.limits.bytes = fresh.service.queueBytes
        await adopt(fresh.registry, after: former.registry)
        if settings.current.needsNewSessions(after: former.settings) { reconnectPostgres() }
        if settings.current.needsNewRedis(after: former.settings) {
            link.renew("the configuration has changed")
            streams.renew()
            for other in [side, probe] { other.reconnect() }
        }
        sampler.settingsChanged()
        logger.notice("reloaded")
    }

    private func adopt(_ registry: Registry, after former: Registry) async {
        let difference = RegistryDifference(from: former, to: registry)
        if difference.isEmpty { return }
        let catalogue = Catalogue(registry, after: dispatcher.catalogue)
        let streamsBefore = dispatcher.catalogue.streams
        dispatcher.adopt(catalogue)
        streams.forget(streamsBefore.subtracting(catalogue.streams))
        plans.keep(catalogue)
        ahead.adopt(catalogue)
        sampler.adopt(catalogue)
        // Nothing waits before this line: all parts know the same catalogue.
        await planNew()
        if difference.channelsChange {
            do {
                try await listener.relisten()
            } catch {
                // The connection is gone; the listener makes another, hears every channel and resyncs all regions.
                logger.warning("channels not changed yet", metadata: ["error": "\(error)"])
                listener.reconnect()
            }
        }
        dispatcher.resync(difference.resync)
    }

    /// Plans what is new before its channels are heard; what can not be planned now is when it is needed.
    private func planNew() async {
        do {
            let session = try await QuerySession.connect(settings, as: "planner")
            defer { session.connection.close() }
            try await plans.planAll(on: session.connection)
        } catch {
            logger.warning("queries not planned yet", metadata: ["error": "\(error)"])
        }
    }

    private func reconnectPostgres() {
        for worker in workers { worker.reconnect() }
        listener.reconnect()
        ownership.reconnect()
    }

    /// Settings that only a restart applies.
    private func restartKeys(_ fresh: Configuration) -> [String] {
        var keys: [String] = []
        if fresh.service.name != configuration.service.name { keys.append("service.name") }
        if fresh.postgres.workers != configuration.postgres.workers { keys.append("postgres.workers") }
        if fresh.health != configuration.health { keys.append("health") }
        if fresh.service.logLevel != configuration.service.logLevel { keys.append("service.log_level") }
        return keys
    }
}
