import Glibc
import TestDaemon
import TestServers
import Testing

@Suite("Credentials", .serialized)
struct CredentialTests {
    private let secrets = ["canary-of-postgres", "canary-of-redis", "second-canary", "third-canary"]

    @Test("passwords come from the credentials directory, are read again by a reload, and appear nowhere")
    func passwords() throws {
        let site = try Site.shop(items: 20, ownPostgres: true, redis: .init(password: secrets[1]))
        try demandPassword(site)
        let credentials = "\(site.folder)/credentials"
        mkdir(credentials, 0o700)
        try Files.write(secrets[0] + "\n", to: "\(credentials)/postgres-password")
        try Files.write(secrets[1] + "\n", to: "\(credentials)/redis-password")
        var configuration = DaemonConfiguration(Shop.body)
        configuration.service = "log_level = \"trace\""
        configuration.postgresURL = site.databaseURL.replacing("user=postgres", with: "user=rekindle")
        let daemon = try site.daemon(configuration, .init(environment: ["CREDENTIALS_DIRECTORY": credentials]))
        #expect(site.cli("GET", "items:1") == "{\"id\":1,\"name\":\"item 1\",\"v\":0}")

        // The password changes: the daemon is locked out, says so, and a reload takes up the new one.
        try site.sql("ALTER ROLE rekindle PASSWORD '\(secrets[2])'")
        try site.terminateDaemonSessions()
        try daemon.eventually { try daemon.answer("/healthz").text.contains("28P01") }
        try lookForSecrets(daemon)
        try Files.write(secrets[2], to: "\(credentials)/postgres-password")
        daemon.signal(SIGHUP)
        try daemon.eventually(200, within: .seconds(30)) { try daemon.answer("/healthz").status }
        try site.sql("UPDATE items SET v = 7 WHERE id = 1")
        try daemon.eventually("{\"id\":1,\"name\":\"item 1\",\"v\":7}") { site.cli("GET", "items:1") }

        // The same for Redis.
        site.cli("CONFIG", "SET", "requirepass", secrets[3])
        site.cli("-a", secrets[3], "CLIENT", "KILL", "TYPE", "normal")
        try daemon.eventually { try daemon.answer("/healthz").text.contains("WRONGPASS") }
        try lookForSecrets(daemon)
        try Files.write(secrets[3], to: "\(credentials)/redis-password")
        daemon.signal(SIGHUP)
        try daemon.eventually(200, within: .seconds(30)) { try daemon.answer("/healthz").status }
        try lookForSecrets(daemon)
    }

    /// Only the superuser gets in without a password.
    private func demandPassword(_ site: Site) throws {
        try site.sql(
            """
            CREATE ROLE rekindle LOGIN PASSWORD '\(secrets[0])';
            GRANT SELECT ON items TO rekindle
            """)
        let file = try site.sql("SHOW hba_file")
        let rules = "local all postgres trust\nlocal all rekindle scram-sha-256\n"
        // Written in place, so that the file stays its owner's.
        guard let stream = fopen(file, "w") else { throw Trouble("\(file): errno \(errno)") }
        fputs(rules, stream)
        fclose(stream)
        try site.sql("SELECT pg_reload_conf()")
        try eventually("2") { try site.sql("SELECT count(*) FROM pg_hba_file_rules") }
    }

    private func lookForSecrets(_ daemon: RunningDaemon, at place: SourceLocation = #_sourceLocation) throws {
        let texts = [
            ("log", daemon.log), ("status", try daemon.get("/status")), ("metrics", try daemon.get("/metrics")),
            ("healthz", try daemon.get("/healthz")), ("arguments", Files.read("/proc/\(daemon.id)/cmdline")),
            ("environment", Files.read("/proc/\(daemon.id)/environ")),
        ]
        for (name, text) in texts {
            #expect(!text.isEmpty, "\(name) is read", sourceLocation: place)
            for secret in secrets {
                let isFound = text.contains(secret)
                #expect(!isFound, "\(name) holds a password", sourceLocation: place)
            }
        }
    }
}
