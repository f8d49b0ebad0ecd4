import Testing

extension BootTests {
    /// What the journal holds beside the messages.
    struct JournalTests {
        /// An event, as it begins in the journal, its priority and the fields that it must have.
        private static let events: [(message: String, priority: Int, fields: [String])] = [
            ("listening", 5, ["REKINDLE_CHANNELS"]),
            ("redis connected", 5, ["REKINDLE_SERVER"]),
            ("region done", 5, ["REKINDLE_REGION", "REKINDLE_KEYS"]),
            ("ready", 5, ["REKINDLE_SECONDS", "MESSAGE_ID"]),
            ("payload dropped: ", 4, ["REKINDLE_CHANNEL"]),
            ("redis lost", 4, ["REKINDLE_ERROR", "MESSAGE_ID"]),
            ("gap begins", 4, ["REKINDLE_CAUSE", "MESSAGE_ID"]),
            ("gap answered", 5, ["REKINDLE_CAUSE", "REKINDLE_KEYS", "MESSAGE_ID"]),
            ("reload refused, the former configuration stays in force", 3, []),
            ("stopping", 5, ["REKINDLE_SIGNAL", "REKINDLE_KEYS"]),
            ("stopped", 5, []),
        ]

        @Test("each event is there with its priority and fields, and finds its unit and process")
        func fields() throws {
            let site = try Installation.shared()
            let cursor = try site.cursor()
            try site.start()
            let process = try site.mainProcess()
            try site.postgres("NOTIFY items_changed, 'no json'", database: "shop")
            _ = try site.machine("systemctl", "restart", "redis-server").get()
            try eventually {
                try site.journal(since: cursor)
            } where: {
                $0.contains { $0.message == "gap answered" && $0["REKINDLE_CAUSE"] == "redis" }
            }
            try site.configure("[regions.\n")
            _ = try site.machine("systemctl", "reload", "rekindle.service").get()
            try eventually {
                try site.journal(since: cursor)
            } where: {
                $0.contains { $0.message.hasPrefix("reload refused") }
            }
            _ = try site.machine("systemctl", "stop", "rekindle.service").get()
            _ = try site.machine("journalctl", "--sync").get()

            let entries = try site.journal(since: cursor).filter {
                $0["SYSLOG_IDENTIFIER"] == "rekindle" && $0["_PID"] == process
            }
            for event in Self.events {
                let entry = entries.first { $0.message.hasPrefix(event.message) }
                #expect(entry != nil, "no entry begins with '\(event.message)': \(entries)")
                #expect(entry?["PRIORITY"] == "\(event.priority)", "\(event.message)")
                for field in event.fields { #expect(entry?[field] != nil, "\(event.message) has no \(field)") }
            }
            let numbers = entries.compactMap { $0["REKINDLE_KEYS"] }
            #expect(numbers.contains("\(Shop.items)"), "how many keys a region has is a number: \(numbers)")
        }

        @Test("without a journal, and with one that hangs, refreshes go on")
        func journalIsAway() throws {
            let site = try Installation.shared()
            try site.start()
            let process = try site.mainProcess()
            let journal = try site.property("MainPID", of: "systemd-journald.service")

            // One that hangs takes a few lines and then no more.
            _ = try site.machine("kill", "-STOP", journal).get()
            try disturb(site, version: 1)
            _ = try site.machine("kill", "-CONT", journal).get()

            // One that is gone takes none.
            let units = ["systemd-journald.socket", "systemd-journald-dev-log.socket", "systemd-journald.service"]
            _ = try site.machine.run(["systemctl", "stop"] + units).get()
            try disturb(site, version: 2)
            _ = try site.machine.run(["systemctl", "start"] + units).get()
            #expect(try site.mainProcess() == process)

            // It is heard again, and says how much was not.
            try site.postgres("NOTIFY items_changed, 'no json'", database: "shop")
            _ = try site.machine("systemctl", "stop", "rekindle.service").get()
            let entries = try site.journal(since: nil).filter { $0["_PID"] == process }
            #expect(entries.contains { Int($0["REKINDLE_DROPPED_LINES"] ?? "") ?? 0 > 0 }, "\(entries)")
        }

        /// Makes the daemon write more lines than the journal's socket holds, and looks whether it still refreshes.
        private func disturb(_ site: Installation, version: Int) throws {
            for number in 1...20 {
                _ = try site.machine("systemctl", "kill", "-s", "HUP", "rekindle.service").get()
                try eventually {
                    site.health("/metrics")
                } where: {
                    $0.contains("rekindle_reloads_total{result=\"applied\"} \((version - 1) * 20 + number)\n")
                }
            }
            try site.postgres("UPDATE items SET v = \(version)", database: "shop")
            for id in [1, Shop.items] {
                try eventually(within: .seconds(5)) {
                    try site.redis("GET", "items:\(id)")
                } where: {
                    $0 == Shop.value(id, version)
                }
            }
        }
    }
}
