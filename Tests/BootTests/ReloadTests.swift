import Testing

extension BootTests {
    /// `systemctl reload`.
    struct ReloadTests {
        @Test("a changed query is in force, in the same process")
        func good() throws {
            let site = try Installation.shared()
            try site.start()
            let process = try site.mainProcess()
            try site.configure(Shop.configuration.replacing("SELECT id, name, v FROM", with: "SELECT id, -v AS v FROM"))
            try site.postgres("UPDATE items SET v = 2 WHERE id = 4", database: "shop")
            _ = try site.machine("systemctl", "reload", "rekindle.service").get()
            try eventually {
                try site.redis("GET", "items:4")
            } where: {
                $0 == #"{"id":4,"v":-2}"#
            }
            #expect(try site.mainProcess() == process)
            try eventually {
                try site.property("ActiveState")
            } where: {
                $0 == "active"
            }
            #expect(try site.property("NRestarts") == "0")
        }

        @Test("a faulty file is refused with its place, and the former configuration goes on")
        func bad() throws {
            let site = try Installation.shared()
            try site.start()
            let process = try site.mainProcess()
            let cursor = try site.cursor()
            let faulty = Shop.configuration.replacing("params = [\"id\"]\n", with: "parms = [\"id\"]\n")
            let line = (faulty.split(separator: "\n").firstIndex { $0.hasPrefix("parms") } ?? -1) + 1
            try site.configure(faulty)
            _ = try site.machine("systemctl", "reload", "rekindle.service").get()

            let place = "/etc/rekindle/conf.d/shop.toml:\(line):1: "
            let found = try eventually {
                try site.journal(since: cursor)
            } where: {
                $0.contains { $0.message == "reload refused, the former configuration stays in force" }
            }
            let fault = found.first { $0.message.contains(place) }
            #expect(fault?["PRIORITY"] == "3" && fault?.message.contains("params") == true, "\(found)")
            try eventually {
                try site.property("StatusText")
            } where: {
                $0.contains("the last reload was refused")
            }
            let status = try site.machine("rekindle", "status").get()
            #expect(status.contains("PROBLEM: the last reload was refused: \(place)"), "\(status)")

            try site.postgres("UPDATE items SET v = 3 WHERE id = 4", database: "shop")
            try eventually {
                try site.redis("GET", "items:4")
            } where: {
                $0 == Shop.value(4, 3)
            }
            #expect(try site.mainProcess() == process)
            #expect(try site.property("ActiveState") == "active")

            try site.configure(Shop.configuration)
            _ = try site.machine("systemctl", "reload", "rekindle.service").get()
            try eventually {
                try site.property("StatusText")
            } where: {
                !$0.contains("refused")
            }
        }
    }
}
