import Glibc
import Testing

extension BootTests {
    /// A daemon that hangs or is killed comes back by itself, and the health socket never goes away.
    struct RestartTests {
        /// Where other work holds the processors up, the time that a start takes says nothing: it has three attempts.
        @Test("a frozen daemon is restarted by the watchdog in time, and who asked meanwhile is answered")
        func frozen() throws {
            let site = try Installation.shared()
            try site.start()
            var best = Double.infinity
            for _ in 1...3 where best > Double(Shop.watchdog + 1) {
                best = min(best, try secondsFrozen(site))
                print("restarted by a watchdog of \(Shop.watchdog) s within \(best) s of SIGSTOP")
            }
            #expect(best <= Double(Shop.watchdog + 1))
            let journal = try site.machine("journalctl", "-q", "-o", "cat", "-u", "rekindle.service").get()
            #expect(journal.contains("Watchdog timeout"))
        }

        /// From SIGSTOP until systemd notes the next process as ready, by systemd's clock.
        private func secondsFrozen(_ site: Installation) throws -> Double {
            let before = try Life(site)
            var frozen = timespec()
            clock_gettime(CLOCK_MONOTONIC, &frozen)
            _ = try site.machine("kill", "-STOP", before.process).get()
            let question = try ask(site)
            let after = try before.waitForNext(site)
            let active = try site.property("ActiveEnterTimestampMonotonic")
            #expect(after.socket == before.socket)
            #expect(try question.wait().get().contains(#""name":"rekindle""#))
            return (Double(active) ?? .infinity) / 1e6 - Double(frozen.tv_sec) - Double(frozen.tv_nsec) / 1e9
        }

        /// A client of the health socket that waits for its answer.
        private func ask(_ site: Installation) throws -> BackgroundProgram {
            try site.machine.start(
                "curl", "-sS", "--max-time", "20", "--unix-socket", "/run/rekindle/rekindle.sock",
                "http://localhost/status")
        }

        @Test("a killed daemon is restarted, with the same socket, and refreshes what it missed")
        func killed() throws {
            let site = try Installation.shared()
            try site.start()
            let before = try Life(site)
            _ = try site.machine("kill", "-KILL", before.process).get()
            try site.postgres("UPDATE items SET v = 6", database: "shop")
            let question = try ask(site)
            let after = try before.waitForNext(site)
            #expect(after.socket == before.socket)
            #expect(try question.wait().get().contains(#""name":"rekindle""#))
            let values = try site.values()
            #expect(values == (1...Shop.items).map { Shop.value($0, 6) })
        }
    }
}

/// One life of the daemon between two restarts, and the socket that it shares with the others.
private struct Life {
    let process: String
    let restarts: Int
    let socket: String

    init(_ site: Installation) throws {
        process = try site.mainProcess()
        restarts = Int(try site.property("NRestarts")) ?? -1
        socket = try Self.socket(of: site)
    }

    /// Waits until another process is ready.
    func waitForNext(_ site: Installation) throws -> Life {
        try eventually(within: .seconds(30)) {
            try site.machine(
                "systemctl", "show", "-p", "NRestarts,ActiveState,MainPID", "rekindle.service"
            ).get()
        } where: {
            $0.contains("NRestarts=\(restarts + 1)\n") && $0.contains("ActiveState=active")
                && !$0.contains("MainPID=\(process)\n")
        }
        return try Life(site)
    }

    /// The file and the listening socket behind it, by their inodes.
    private static func socket(of site: Installation) throws -> String {
        let file = try site.machine("stat", "-c", "%i", "/run/rekindle/rekindle.sock").get()
        // The column of flags says "accepts connections"; that of the inode is the seventh.
        let listening = try site.machine(
            "awk", "$4 == \"00010000\" && $8 == \"/run/rekindle/rekindle.sock\" { print $7 }", "/proc/net/unix"
        ).get()
        guard !listening.isEmpty else { throw Trouble("Nobody listens on the health socket.") }
        return "\(file) \(listening)"
    }
}
