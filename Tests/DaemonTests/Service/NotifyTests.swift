import Glibc
import TestDaemon
import TestServers
import Testing

@Suite("What the service manager hears", .serialized)
struct NotifyTests {
    /// A shop whose table is locked, so that nothing can be warmed, and a manager.
    private func held() throws -> (site: Site, lock: SQLSession, manager: ManagerSocket) {
        let site = try Site.shop(items: 50)
        let lock = try site.session()
        try lock.run("BEGIN; LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
        return (site, lock, try ManagerSocket(path: "\(site.folder)/notify"))
    }

    private func options(_ manager: ManagerSocket, watchdog: String = "") -> RunningDaemon.Options {
        .init(environment: ["NOTIFY_SOCKET": manager.path, "WATCHDOG_USEC": watchdog])
    }

    @Test("READY once every region is warm, and more time is asked for until then")
    func readyWhenWarm() throws {
        let (site, lock, manager) = try held()
        let daemon = try site.start(.init(Shop.body), options(manager))
        try daemon.eventually("warming") { try? daemon.status()["regions.0.resync.doing"] }
        #expect(daemon.readiness == 503)
        try daemon.eventually { !manager.messages(with: "EXTEND_TIMEOUT_USEC=60000000").isEmpty }
        #expect(manager.messages(with: "READY=1").isEmpty)
        try lock.run("COMMIT")
        try daemon.eventually { !manager.messages(with: "READY=1").isEmpty }
        #expect(try site.differences() == "", "READY means that the cache is warm")
        #expect(daemon.readiness == 200)
        try daemon.eventually { manager.statuses.contains { $0.contains("listening on 1 channels") } }
        #expect(manager.messages(with: "READY=1").count == 1)
    }

    @Test("READY once the channels are listened to, if that is wanted")
    func readyWhenListening() throws {
        let (site, lock, manager) = try held()
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "ready = \"listening\""
        let daemon = try site.start(configuration, options(manager))
        try daemon.eventually { !manager.messages(with: "READY=1").isEmpty }
        #expect(site.cli("EXISTS", "rekindle:{rekindle}:fence") == "1" && site.cli("EXISTS", "items:1") == "0")
        try lock.run("COMMIT")
        try daemon.converges(on: site)
    }

    @Test("the watchdog is fed at half of its time")
    func watchdog() throws {
        let (site, lock, manager) = try held()
        let daemon = try site.start(.init(Shop.body), options(manager, watchdog: "1000000"))
        // Also before READY.
        try daemon.eventually { manager.messages(with: "WATCHDOG=1").count >= 3 }
        try lock.run("COMMIT")
        try daemon.waitUntilReady()
        try daemon.eventually { manager.messages(with: "WATCHDOG=1").count >= 6 }
        let times = manager.messages(with: "WATCHDOG=1").map(\.time)
        let spaces = zip(times, times.dropFirst()).map { $1 - $0 }
        #expect(spaces.allSatisfy { (.milliseconds(300)...(.milliseconds(990))).contains($0) }, "\(spaces)")
    }

    @Test("no watchdog, no WATCHDOG")
    func noWatchdog() throws {
        let site = try Site.shop(items: 5)
        let manager = try ManagerSocket(path: "\(site.folder)/notify")
        let daemon = try site.daemon(.init(Shop.body), options(manager))
        try daemon.eventually { !manager.messages(with: "READY=1").isEmpty }
        #expect(manager.messages(with: "WATCHDOG=1").isEmpty)
    }

    @Test("RELOADING and READY at SIGHUP, also when the configuration is refused; STOPPING at SIGTERM")
    func reloadAndStop() throws {
        let site = try Site.shop(items: 5)
        let manager = try ManagerSocket(path: "\(site.folder)/notify")
        let daemon = try site.daemon(.init(Shop.body), options(manager))
        try daemon.eventually { manager.messages(with: "READY=1").count == 1 }
        for (round, body) in [Shop.body, "[nonsense]"].enumerated() {
            try daemon.configure(.init(body))
            daemon.signal(SIGHUP)
            try daemon.eventually { manager.messages(with: "READY=1").count == round + 2 }
            let reloading = manager.messages(with: "RELOADING=1")
            #expect(reloading.count == round + 1)
            #expect(reloading.last?.lines.contains { $0.hasPrefix("MONOTONIC_USEC=") } == true)
            let ready = manager.messages(with: "READY=1").last
            #expect((reloading.last?.time).map { begun in ready.map { begun < $0.time } ?? false } == true)
        }
        daemon.signal(SIGTERM)
        #expect(try daemon.waitForExit() == .code(0))
        #expect(manager.messages(with: "STOPPING=1").count == 1)
        #expect(manager.messages.last?.lines.contains("WATCHDOG=1") == false)
    }

    @Test("STATUS says what is wrong, and that it is over")
    func status() throws {
        let site = try Site.shop(items: 5)
        let manager = try ManagerSocket(path: "\(site.folder)/notify")
        let daemon = try site.daemon(.init(Shop.body), options(manager))
        site.redis.kill()
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.eventually { manager.statuses.last?.contains("Redis does not take writes") == true }
        try site.redis.restart(keepingData: false)
        try daemon.eventually { manager.statuses.last?.contains("listening on 1 channels") == true }
    }
}
