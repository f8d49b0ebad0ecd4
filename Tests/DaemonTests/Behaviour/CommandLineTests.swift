import Glibc
import TestDaemon
import TestServers
import Testing

/// The program's other subcommands, their exit codes and what they print.
struct CommandLineTests {
    private static let good = """
        [regions.r]
        prefix = "r:"
        [queries.q]
        region = "r"
        params = ["id"]
        result = "scalar"
        sql = "SELECT name FROM items WHERE id = $1"
        [queries.limited]
        region = "r"
        key = "limited:{n}"
        params = ["n"]
        result = "rows"
        sql = "SELECT count($1::int4) FROM items"
        [channels.changed]
        refresh = [{ query = "q", params = { id = "id" } }, { query = "limited", params = { n = "n" } }]
        """

    /// Calls `body` with the path of a configuration file.
    private func withFile(_ text: String, _ body: (String) throws -> Void) throws {
        guard let folder = ScratchFolder("rekindle-config") else { throw Trouble("No scratch folder.") }
        defer { folder.remove() }
        try Files.write(text, to: "\(folder.path)/rekindle.toml")
        try body("\(folder.path)/rekindle.toml")
    }

    @Test func checkAcceptsAGoodFile() throws {
        try withFile(Self.good) { path in
            let check = try Command.rekindle("check", "--config", path)
            #expect(check.exit == .code(0))
            #expect(check.output == "\(path): valid: 1 regions, 2 queries, 1 channels\n")
            #expect(check.error == "")
        }
    }

    @Test func checkTellsEveryFaultWithItsPlace() throws {
        try withFile("[postgres]\nworker = 4\nstatement_timeout = 30\n\n[regions.r]\n  format = \"jsn\"\n") { path in
            let check = try Command.rekindle("check", "--config", path)
            #expect(check.exit == .code(78))
            let lines = check.error.split(separator: "\n").map(String.init)
            try #require(lines.count >= 4, "\(check.error)")
            #expect(lines[0].hasSuffix(":2:1: [postgres] has no key \"worker\"; did you mean \"workers\"?"))
            #expect(lines[1].contains("rekindle.toml:3:1: statement_timeout needs a unit"))
            #expect(lines[2].contains("rekindle.toml:6:3: format can not be \"jsn\""))
            #expect(lines.last?.hasSuffix(": 3 faults") == true)
            #expect(check.output == "")

            let json = try Command.rekindle("check", "--json", "--config", path)
            #expect(json.exit == .code(78))
            let document = try Document(json.output)
            #expect(document["valid"] == "false")
            #expect(document["faults.2.line"] == "6" && document["faults.2.column"] == "3")
            #expect(document["faults.3"] == nil)
        }
        let absent = try Command.rekindle("check", "--config", "/nonexistent.toml")
        #expect(absent.exit == .code(78))
        #expect(absent.error.contains("/nonexistent.toml"))
    }

    @Test func serveRefusesAFileWithFaults() throws {
        try withFile("[regions.r]\nttl = 3\n") { path in
            let serve = try Command.rekindle("serve", "--config", path)
            #expect(serve.exit == .code(78))
            #expect(serve.error.contains("rekindle.toml:2:1: ttl needs a unit"))
        }
    }

    @Test func checkAsksTheDatabaseForTheFormOfEachQuery() throws {
        let server = try PostgresServer.shared()
        let url = try server.makeDatabase()
        try server.sql("CREATE TABLE items (id int, name text)", url: url)
        try withFile("[postgres]\nurl = '\(url)'\n" + Self.good) { path in
            let check = try Command.rekindle("check", "--database", "--config", path)
            #expect(check.exit == .code(0), "\(check.error)")
            #expect(check.output.contains("query \"q\": batched (int4)"))
            #expect(check.output.contains("query \"limited\": per key (int4)"))
            let json = try Document(Command.rekindle("check", "--database", "--json", "--config", path).output)
            #expect(json["valid"] == "true" && json.named("q", in: "queries", "types") == "[\"int4\"]")
            #expect(json.named("limited", in: "queries", "not_batched_because") != nil)

            try server.sql("DROP TABLE items", url: url)
            let broken = try Command.rekindle("check", "--database", "--config", path)
            #expect(broken.exit == .code(78))
            #expect(broken.error.contains("query \"q\"") && broken.error.contains("42P01"), "\(broken.error)")
        }
        try withFile("[postgres]\nurl = 'postgresql:///x?host=/nonexistent'\n" + Self.good) { path in
            let unreachable = try Command.rekindle("check", "--database", "--config", path)
            #expect(unreachable.exit == .code(69), "\(unreachable.error)")
        }
    }

    @Test func statusTellsHowTheDaemonIs() throws {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int, name text)")
        let daemon = try site.daemon(Self.good)
        let text = try Command.rekindle("status", "--config", daemon.configurationPath)
        #expect(text.exit == .code(0), "\(text)")
        #expect(text.output.hasPrefix("rekindle rekindle ("))
        #expect(text.output.contains("healthy") && text.output.contains("limited"))
        let json = try Command.rekindle("status", "--json", "--socket", daemon.socketPath)
        #expect(json.exit == .code(0))
        #expect(try Document(json.output)["healthy"] == "true")

        site.redis.stop()
        try daemon.eventually("false") { try daemon.status()["healthy"] }
        let sick = try Command.rekindle("status", "--socket", daemon.socketPath)
        #expect(sick.exit == .code(1))
        #expect(sick.output.contains("PROBLEM: Redis"))
        daemon.kill()
        let gone = try Command.rekindle("status", "--socket", daemon.socketPath)
        #expect(gone.exit == .code(69))
        #expect(gone.output == "" && gone.error.contains(daemon.socketPath))
    }

    @Test func helpAndVersionGoToStandardOutput() throws {
        let help = try Command.rekindle("--help")
        #expect(help.exit == .code(0) && help.error == "")
        for name in ["serve", "check", "triggers", "status"] { #expect(help.output.contains("  \(name) ")) }
        for name in ["serve", "check", "triggers", "status"] {
            let help = try Command.rekindle(name, "--help")
            #expect(help.exit == .code(0) && help.output.contains("--config"))
        }
        let version = try Command.rekindle("--version")
        #expect(version.exit == .code(0) && version.error == "")
        #expect(version.output.split(separator: ".").count == 3, "\(version.output)")
    }

    @Test func whatIsNoOptionEndsWithUsage() throws {
        for arguments in [["serve", "--confg", "x"], ["--nonsense"], ["nonsense"], ["check", "extra"]] {
            let command = try Command.run([Products.rekindle] + arguments)
            #expect(command.exit == .code(64), "\(arguments)")
            #expect(command.error.contains("Usage:") && command.output == "")
        }
    }
}
