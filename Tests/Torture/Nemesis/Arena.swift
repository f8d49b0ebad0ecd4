import TestDaemon
import TestServers

/// Everything that a run has: the servers, the daemons, the write log; what faults act on.
final class Arena {
    let postgres: PostgresServer
    let redis: RedisServer
    let databaseURL: String
    let slots: [DaemonSlot]
    /// Between each daemon and Redis.
    let proxies: [CuttingProxy]
    let ledger: Ledger
    private let site: Site
    private let log: WriteLog
    /// Decides G1 and G2 of the write log.
    private(set) var logCheck = VersionCheck()
    /// Gaps that a fault made for certain, and that the daemon must tell of.
    private(set) var expectedGaps: [ExpectedGap] = []
    private var written = 0

    /// Starts servers and so many daemons, and waits until the first is ready.
    init(daemons: Int, ledger: Ledger, sabotage: String?) throws {
        self.ledger = ledger
        postgres = try .start()
        let site = try Site(postgres: postgres, redis: .init(arguments: WriteLog.arguments))
        self.site = site
        redis = site.redis
        databaseURL = site.databaseURL
        log = WriteLog(folder: redis.folder)
        try site.sql(Schema.tables)
        let url = Self.daemonURL(databaseURL)
        var slots: [DaemonSlot] = []
        var proxies: [CuttingProxy] = []
        for number in 1...daemons {
            guard let proxy = CuttingProxy(path: "\(site.folder)/redis-\(number)", server: redis.socketPath) else {
                throw Trouble("No proxy.")
            }
            proxies.append(proxy)
            let slot = try DaemonSlot(
                number, folder: "\(site.folder)/daemon-\(number)", postgresURL: url, redisURL: "unix://\(proxy.path)",
                sabotage: sabotage)
            if number == 1 { try slot.daemon.waitUntilReady(within: .seconds(60)) }
            slots.append(slot)
        }
        self.slots = slots
        self.proxies = proxies
    }

    deinit { for proxy in proxies { proxy.stop() } }

    /// The proxy of the daemon that holds the lease.
    var ownersProxy: CuttingProxy { proxies[owner.number - 1] }

    /// The daemon that holds the lease; the first while none does.
    var owner: DaemonSlot { slots.first { $0.isOwner } ?? slots[0] }

    /// Runs SQL as the superuser in the writers' database.
    @discardableResult
    func sql(_ text: String) throws -> String { try site.sql(text) }

    /// Takes in what Redis has written since.
    func readLog() { log.read { see($0) } }

    /// Ends Redis as a crash would and starts it again.
    func crashRedis(keepingData: Bool) throws {
        redis.kill()
        if keepingData { log.crashed { see($0) } } else { log.lose { see($0) } }
        try redis.restart(keepingData: true)
    }

    /// Does what makes a gap of this cause for certain at the owner.
    func makingGap(_ cause: String, _ fault: String, _ body: () throws -> Void) rethrows {
        let slot = owner
        // A gap that is open already goes on, and is not counted again.
        let before = slot.isGapOpen == false && slot.isOwner ? slot.gaps(cause) : nil
        let process = slot.daemon.id
        let time = RunClock.now
        try body()
        guard let before else { return }
        expectedGaps.append(
            .init(cause: cause, slot: slot.number, process: process, before: before, time: time, fault: fault))
    }

    /// Looks whether the gaps that must be there are reported, and forgets them.
    func missingGaps() -> [Violation] {
        defer { expectedGaps = [] }
        return expectedGaps.compactMap { gap in
            let slot = slots[gap.slot - 1]
            let process = slot.daemon.id
            // Who no longer owns leaves it to the new owner, who begins with a takeover.
            if process == gap.process, !slot.isOwner { return nil }
            guard let count = slot.gaps(process == gap.process ? gap.cause : "start") else { return nil }
            return gap.violation(process: process, count: count)
        }
    }

    private func see(_ change: AppendOnlyParser.Change) {
        guard case .set(let key, let value) = change else { return }
        let name = String(decoding: key, as: UTF8.self)
        if name.hasPrefix("rekindle:") { return }
        written += 1
        logCheck.see(
            Sighting(key: name, value: value, time: RunClock.now, source: "write \(written) of the server's log"))
    }

    /// How many bytes the server's log has.
    var logBytes: Int { log.bytes }

    /// Compares the write log's last values with the final lists.
    func finishLog(_ lists: [Int: [UInt8]]) { logCheck.finish(lists) }

    private static func daemonURL(_ url: String) -> String {
        var url = url
        if let range = url.firstRange(of: "user=postgres") { url.replaceSubrange(range, with: "user=\(Schema.role)") }
        return url
    }
}
