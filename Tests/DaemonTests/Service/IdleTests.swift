import TestDaemon
import Testing

@Suite("Idle", .serialized)
struct IdleTests {
    @Test("while nothing happens the daemon sleeps")
    func sleeps() throws {
        let site = try Site.shop(items: 20)
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "heartbeat = \"1h\""
        let daemon = try site.daemon(configuration)
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        // What the burst left to report is told within a second or two; then there is peace.
        var before = daemon.sleeps
        try eventually(within: .seconds(10)) {
            let begin = ContinuousClock.now
            try eventually { ContinuousClock.now - begin > .seconds(1) }
            defer { before = daemon.sleeps }
            return daemon.sleeps == before
        }
        let (begin, used) = (ContinuousClock.now, daemon.processorSeconds)
        try eventually { ContinuousClock.now - begin > .seconds(3) }
        #expect(daemon.sleeps - before <= 2)
        #expect(daemon.processorSeconds - used < 0.02)
    }

    @Test("it lets the server that wakes it finish")
    func letsFinish() throws {
        let site = try Site.shop(items: 20)
        let daemon = try site.daemon(Shop.body)
        #expect(daemon.schedulingPolicy == 3, "SCHED_BATCH")
    }

    @Test("once it is ready, the memory of its start is given back")
    func letsGo() throws {
        let site = try Site.shop(items: 20)
        let daemon = try site.daemon(Shop.body)
        try eventually(log: { "\(daemon.residentKiB) of \(daemon.mostResidentKiB) KiB" }) {
            daemon.residentKiB * 4 < daemon.mostResidentKiB * 3
        }
        #expect(daemon.ownKiB > 0)
    }
}
