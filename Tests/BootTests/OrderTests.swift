import Testing

extension BootTests {
    /// The order in which things start.
    struct OrderTests {
        @Test(
            "a daemon that starts before Postgres and Redis waits for them, and is ready after them, without a restart")
        func serversComeLater() throws {
            let site = try Installation.shared()
            _ = try site.machine("systemctl", "stop", "postgresql", "redis-server").get()
            let cursor = try site.cursor()
            _ = try site.machine("systemctl", "start", "--no-block", "rekindle.service").get()
            try eventually {
                try site.journal(since: cursor).map(\.message)
            } where: {
                $0.contains("redis not connected") && $0.contains("listener not connected")
            }
            #expect(try site.property("ActiveState") == "activating")
            #expect(site.health("/readyz").contains("not listening"))
            let process = try site.mainProcess()
            _ = try site.machine("systemctl", "start", "redis-server").get()
            #expect(try site.property("ActiveState") == "activating")
            _ = try site.machine("systemctl", "start", "postgresql").get()
            try eventually(within: .seconds(20)) {
                try site.property("ActiveState")
            } where: {
                $0 == "active"
            }
            #expect(try site.property("NRestarts") == "0")
            #expect(try site.mainProcess() == process)
            #expect(try site.redis("GET", "items:1") == Shop.value(1, 0))
        }
    }
}
