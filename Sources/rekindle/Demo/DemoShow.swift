import Glibc
import Reactor

/// The load, the measurements and the picture of them, once everything runs.
@Loop
final class DemoShow {
    private let settings: DemoSettings
    private let connections: ShopConnections
    private let load: ShopLoad
    private let probe: LagProbe
    private let daemon: DaemonWatch
    private let cache: CacheWatch
    private let folder: ScratchFolder
    private let closing = ClosingTime()
    private let stopped = Waiter<Void>()
    private var isRunning = false
    private var before = DaemonFigures()
    private var after = DaemonFigures()

    init(_ servers: DemoServers, _ settings: DemoSettings) async throws(DemoError) {
        self.settings = settings
        folder = servers.folder
        let connections = try await demoStep("connecting to the shop") { try await ShopConnections(servers) }
        self.connections = connections
        daemon = DaemonWatch(socket: folder.healthSocket)
        let load = ShopLoad(connections.load, settings, closing)
        let probe = LagProbe(connections.probe, connections.probeCache, closing, items: settings.items)
        (self.load, self.probe) = (load, probe)
        cache = CacheWatch(connections.readerCache, connections.reader, closing, items: settings.items)
        try await demoStep("preparing the load") {
            try await load.prepare()
            try await probe.prepare()
        }
    }

    /// Ends the load early; false when it does not run.
    func stop() -> Bool {
        defer { isRunning = false }
        if isRunning { stopped.give(()) }
        return isRunning
    }

    /// Runs the load until its time is over or it is stopped.
    func run() async throws(DemoError) {
        before = await daemon.read() ?? DaemonFigures()
        isRunning = true
        defer { isRunning = false }
        try await demoStep("showing the shop") {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                addWork(to: &group)
                var working = 3
                while working > 0, let wasWork = try await group.next() {
                    if wasWork { working -= 1 }
                }
                group.cancelAll()
                while try await group.next() != nil {}
            }
        }
    }

    /// Adds tasks that tell whether they were work on the shop, which is to come to its end by itself.
    private func addWork(to group: inout ThrowingTaskGroup<Bool, any Error>) {
        group.addTask {
            try await self.load.run()
            return true
        }
        group.addTask {
            try await self.probe.run()
            return true
        }
        group.addTask {
            try await self.cache.run()
            return true
        }
        group.addTask {
            try await self.daemon.run()
            return false
        }
        group.addTask {
            try await self.picture()
            return false
        }
        group.addTask {
            let limit = self.settings.seconds.map { Duration.seconds($0) }
            _ = try? await self.stopped.wait(timeout: limit)
            await self.close()
            return false
        }
    }

    private func close() { closing.isNow = true }

    private func picture() async throws(DemoError) {
        if settings.json { return }
        if settings.isTerminal {
            try await DemoPanel(settings, daemon, probe, cache, folder).run()
        } else {
            try await DemoTicker(daemon: daemon, probe: probe).run()
        }
    }

    /// Waits until the daemon is quiet, and compares all that is cached with the database.
    func finish() async throws(DemoError) -> DemoSummary {
        after = await daemon.read() ?? daemon.latest
        // Notifications come in the order of commits: once this change is seen, all before it have been heard.
        _ = try await probe.measure()
        try await quiet()
        let check = EqualityCheck(
            cache: connections.readerCache, shop: connections.reader, items: settings.items)
        let outcome = try await demoStep("comparing the values") { try await check.run() }
        return DemoSummary(
            items: settings.items, figures: after.since(before), lags: probe.lags, looks: probe.looks,
            stepsBack: probe.steps, check: outcome)
    }

    private func quiet() async throws(DemoError) {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            let queued = await daemon.read()?.queued
            if queued == 0 { return }
            if ContinuousClock.now > deadline { throw .restless(keys: queued ?? 0) }
            do { try await Loop.sleep(for: .milliseconds(10)) } catch { throw .interrupted(SIGINT) }
        }
    }

    /// Closes the connections, so that the servers have nobody to wait for.
    func disconnect() { connections.close() }
}
