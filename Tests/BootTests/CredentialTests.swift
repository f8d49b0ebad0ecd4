import Testing

extension BootTests {
    /// Passwords that systemd hands over, written as docs/operations.md tells.
    struct CredentialTests {
        private let secrets = ["canary-of-postgres", "canary-of-redis"]

        @Test("passwords work as credentials, only the service can read them, and they show nowhere")
        func passwords() throws {
            let site = try Installation.shared()
            try demandPasswords(site)
            let cursor = try site.cursor()
            try site.start()
            try site.postgres("UPDATE items SET v = 8 WHERE id = 2", database: "shop")
            try eventually {
                try value(site, "items:2")
            } where: {
                $0 == Shop.value(2, 8)
            }

            let process = try site.mainProcess()
            let reader = ["nsenter", "-t", process, "-m", "--"]
            let path = "/run/credentials/rekindle.service/redis-password"
            #expect(try site.machine.run(reader + ["cat", path]).get() == secrets[1])
            let others = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "cat", path]
            #expect(site.machine.run(others).output.contains("Permission denied"))
            let texts = [
                ("arguments", Files.read(site.machine.path("/proc/\(process)/cmdline"))),
                ("environment", Files.read(site.machine.path("/proc/\(process)/environ"))),
                ("status", site.health("/status")), ("metrics", site.health("/metrics")),
                ("the unit's properties", try site.machine("systemctl", "show", "rekindle.service").get()),
                ("the unit's status", try site.machine("systemctl", "status", "rekindle.service").get()),
                ("journal", try site.machine("journalctl", "-q", "-o", "export", "--no-pager").get()),
            ]
            for (name, text) in texts {
                #expect(text.count > 20, "\(name) is read")
                let holdsOne = secrets.contains { text.contains($0) }
                #expect(!holdsOne, "\(name) holds a password")
            }
            #expect(try !site.journal(since: cursor).isEmpty)
        }

        /// Postgres by TCP, which asks for a password there, and Redis with one.
        private func demandPasswords(_ site: Installation) throws {
            try site.configureRedis("requirepass \(secrets[1])")
            try site.postgres("ALTER ROLE rekindle PASSWORD '\(secrets[0])'")
            try Files.write(secrets[0], to: site.machine.path("/etc/rekindle/postgres-password"), mode: 0o600)
            try Files.write(secrets[1], to: site.machine.path("/etc/rekindle/redis-password"), mode: 0o600)
            try site.configure(
                Shop.configuration.replacing(
                    "postgresql:///shop?host=/run/postgresql",
                    with: "postgresql://rekindle@127.0.0.1/shop"))
            try site.dropIn(
                Shop.dropIn + """
                    LoadCredential=postgres-password:/etc/rekindle/postgres-password
                    LoadCredential=redis-password:/etc/rekindle/redis-password

                    """)
        }

        private func value(_ site: Installation, _ key: String) throws -> String {
            try site.redis("--no-auth-warning", "-a", secrets[1], "GET", key)
        }
    }
}
