import Testing

extension BootTests {
    /// What a start promises.
    struct ReadinessTests {
        @Test("the socket is there first; a start returns when the keys are in Redis, and the status line has figures")
        func start() throws {
            let site = try Installation.shared()
            #expect(try site.property("ActiveState", of: "rekindle.socket") == "active")
            #expect(try site.property("ActiveState") == "inactive")
            #expect(
                try site.machine("stat", "-c", "%a %U:%G %F", "/run/rekindle/rekindle.sock").get()
                    == "660 rekindle:rekindle socket")
            try site.start()
            #expect(try site.redis("EVAL", "return #redis.call('KEYS', 'items:*')", "0") == "\(Shop.items)")
            #expect(try site.redis("GET", "items:7") == Shop.value(7, 0))
            #expect(try site.property("ActiveState") == "active")
            try eventually {
                try site.property("StatusText")
            } where: {
                $0.hasPrefix("listening on 1 channels, ") && $0.contains(" keys waiting, p99 ")
            }
        }

        @Test("a notification leads to the key in Redis")
        func notification() throws {
            let site = try Installation.shared()
            try site.start()
            try site.postgres("UPDATE items SET v = 5 WHERE id = 3", database: "shop")
            try eventually {
                try site.redis("GET", "items:3")
            } where: {
                $0 == Shop.value(3, 5)
            }
        }
    }
}
