import Glibc
import TestDaemon
import TestServers
import Testing

/// `rekindle events`, as a process.
@Suite("The command line follows events")
struct EventsCommandTests {
    private func events(_ site: Site, _ daemon: RunningDaemon, _ arguments: String...) throws -> (Program, String) {
        let path = "\(site.folder)/events-\(UInt32.random(in: .min ... .max))"
        let program = try Program(
            [Products.rekindle, "events", "--config", daemon.configurationPath] + arguments,
            .init(output: "\(path).out", error: "\(path).err"))
        return (program, path)
    }

    @Test("a line each, until so many have come")
    func lines() throws {
        let site = try FollowingTests.site()
        let daemon = try site.daemon(FollowingTests.body)
        let (plain, path) = try events(site, daemon, "--channel", "odd name&=%", "--count", "2")
        let (json, jsonPath) = try events(site, daemon, "--json", "--after", "receive", "--count", "2")
        try daemon.eventually(2) { try daemon.metric("rekindle_followers") }
        try site.sql("SELECT pg_notify('odd name&=%', E'a\\tb\\nc\\x1b[2J'); SELECT pg_notify('odd name&=%', '\"2\"')")
        #expect(plain.waitForExit(within: .seconds(10)) == .code(0))
        #expect(json.waitForExit(within: .seconds(10)) == .code(0))
        let lines = Files.read("\(path).out").split(separator: "\n").map { $0.split(separator: "\t").dropFirst() }
        #expect(lines == [["odd name&=%", "a\\tb\\nc\\x1b[2J"], ["odd name&=%", "\"2\""]], "\(lines)")
        let objects = try Files.read("\(jsonPath).out").split(separator: "\n").map { try Document(String($0)) }
        #expect(objects.map { $0["data"] } == ["a\tb\nc\u{1B}[2J", "\"2\""])
        #expect(objects.allSatisfy { $0["event"] == "odd name&=%" && $0["id"]?.isEmpty == false })
        #expect(Files.read("\(path).err") == "")

        // From where the first object was, the second one comes.
        let id = try #require(objects.first?["id"])
        let again = try Command.rekindle(
            "events", "--socket", daemon.socketPath, "--json", "--after", "receive", "--since", id, "--count", "1")
        #expect(try Document(again.output)["data"] == "\"2\"")
    }

    @Test("a restart of the daemon is said, and survived")
    func restart() throws {
        let site = try FollowingTests.site()
        var configuration = DaemonConfiguration(FollowingTests.body)
        let first = try site.daemon(configuration)
        let (program, path) = try events(
            site, first, "--channel", "plain", "--count", "2", "--socket", first.socketPath)
        try first.eventually(1) { try first.metric("rekindle_followers") }
        try site.sql("NOTIFY plain, 'one'")
        try eventually { Files.read("\(path).out").hasSuffix("\tplain\tone\n") }
        first.kill()
        try eventually { Files.read("\(path).err").contains("connecting again") }
        configuration.health = ""
        let second = try RunningDaemon(
            configuration, postgresURL: site.databaseURL, redisURL: site.redis.url, folder: first.folder)
        try second.waitUntilReady()
        try second.eventually(1) { try second.metric("rekindle_followers") }
        try site.sql("NOTIFY plain, 'two'")
        #expect(program.waitForExit(within: .seconds(10)) == .code(0), "\(second.log)")
        let names = Files.read("\(path).out").split(separator: "\n").map { $0.split(separator: "\t").dropFirst() }
        #expect(names == [["plain", "one"], ["rekindle:gap", "restart"], ["plain", "two"]], "\(names)")
        #expect(Files.read("\(path).err").contains("rekindle: following again\n"))
    }

    @Test("what can not be followed is said, with an exit code of its own")
    func failures() throws {
        let site = try FollowingTests.site()
        let daemon = try site.daemon(FollowingTests.body)
        let unknown = try Command.rekindle("events", "--socket", daemon.socketPath, "--channel", "nonsense")
        #expect(unknown.exit == .code(1) && unknown.error.contains("nonsense") && unknown.output == "")
        let absent = try Command.rekindle("events", "--socket", "/nonexistent.sock")
        #expect(absent.exit == .code(69) && absent.error.contains("/nonexistent.sock"))
        for arguments in [
            ["--count", "0"], ["--stream", "s", "--channel", "c"], ["--stream", "s", "--after", "receive"],
        ] {
            #expect(try Command.run([Products.rekindle, "events"] + arguments).exit == .code(64))
        }
        let (program, path) = try events(site, daemon)
        try daemon.eventually(1) { try daemon.metric("rekindle_followers") }
        program.signal(SIGINT)
        #expect(program.waitForExit(within: .seconds(10)) == .signal(SIGINT))
        #expect(Files.read("\(path).out") == "" && Files.read("\(path).err") == "")
    }
}
