import Testing

extension BootTests {
    /// `systemctl stop`.
    struct StopTests {
        @Test("what is queued is refreshed before the end, while systemd is told")
        func drain() throws {
            let site = try Installation.shared()
            try site.start()
            let cursor = try site.cursor()
            // It holds the table; once its sleep is cancelled, it commits what it has changed.
            let blocker = try site.machine.start(
                "setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "psql", "-Xq", "-d", "shop",
                "-c", "BEGIN; LOCK TABLE items; UPDATE items SET v = 9; SAVEPOINT held", "-c", "SELECT pg_sleep(50)",
                "-c", "ROLLBACK TO held", "-c", "COMMIT")
            let sleeper = "FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(50)' AND state = 'active'"
            try eventually {
                try site.postgres("SELECT count(*) \(sleeper)")
            } where: {
                $0 == "1"
            }
            try site.postgres(
                """
                SELECT pg_notify('items_changed', json_build_object('id', i)::text)
                FROM generate_series(1, \(Shop.items)) i
                """, database: "shop")
            try eventually {
                site.health("/status")
            } where: {
                $0.contains(#""keys":\#(Shop.items),"#)
            }

            _ = try site.machine("systemctl", "stop", "--no-block", "rekindle.service").get()
            try eventually {
                try site.property("StatusText")
            } where: {
                $0 == "draining: \(Shop.items) keys wait"
            }
            #expect(try site.property("ActiveState") == "deactivating")
            #expect(try site.redis("GET", "items:1") == Shop.value(1, 0))
            try site.postgres("SELECT pg_cancel_backend(pid) \(sleeper)")
            try eventually {
                try site.property("ActiveState")
            } where: {
                $0 == "inactive"
            }
            _ = blocker.wait()

            #expect(try site.property("Result") == "success")
            #expect(try site.property("ExecMainStatus") == "0")
            let values = try site.values()
            #expect(values == (1...Shop.items).map { Shop.value($0, 9) })
            let messages = try site.journal(since: cursor).map(\.message)
            #expect(messages.contains("stopping") && messages.contains("stopped"), "\(messages)")
            #expect(!messages.contains("not everything was refreshed"))
        }
    }
}
