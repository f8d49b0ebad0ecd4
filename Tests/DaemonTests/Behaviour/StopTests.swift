import Glibc
import TestDaemon
import Testing

/// Ends in good order, and at once.
struct StopTests {
    private static let body = """
        [regions.r]
        prefix = "r:"
        [queries.q]
        region = "r"
        params = ["id"]
        result = "scalar"
        sql = "SELECT name FROM items WHERE id = $1"
        [channels.changed]
        refresh = [{ query = "q", params = { id = "id" } }]
        """

    private func site() throws -> Site {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int, name text)")
        try site.sql("INSERT INTO items SELECT i, 'n' FROM generate_series(1, 900) i")
        return site
    }

    /// Holds the table and makes keys wait for it.
    private func blocked(_ site: Site, _ daemon: RunningDaemon, keys: Int) throws -> SQLSession {
        let blocker = try site.session()
        try blocker.run("BEGIN; LOCK TABLE items")
        try site.sql("SELECT pg_notify('changed', json_build_object('id', i)::text) FROM generate_series(1, \(keys)) i")
        try daemon.eventually("\(keys)") { try daemon.status()["queue.keys"] }
        return blocker
    }

    @Test func whatWaitsIsRefreshedBeforeTheEnd() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        let blocker = try blocked(site, daemon, keys: 900)
        daemon.signal(SIGTERM)
        try daemon.eventually("stopping") { try daemon.status()["state"] }
        #expect(daemon.readiness == 503)
        try blocker.run("COMMIT")
        #expect(try daemon.waitForExit() == .code(0))
        #expect(site.cli("EVAL", "return #redis.call('KEYS', 'r:*')", "0") == "900", "\(daemon.log)")
        #expect(access(daemon.socketPath, F_OK) != 0, "the socket is left behind")
        #expect(daemon.log.contains("stopped"))
    }

    @Test func aSecondSignalEndsItAtOnce() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        let blocker = try blocked(site, daemon, keys: 3)
        daemon.signal(SIGTERM)
        try daemon.eventually("stopping") { try daemon.status()["state"] }
        daemon.signal(SIGTERM)
        #expect(try daemon.waitForExit(within: .seconds(2)) == .code(1))
        #expect(daemon.log.contains("stopped at once"))
        try blocker.run("ROLLBACK")
    }

    /// A reload that comes too late neither undoes the stop nor lets the second signal count as a first one.
    @Test func aReloadDoesNotUndoAStop() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        let blocker = try blocked(site, daemon, keys: 3)
        daemon.signal(SIGTERM)
        try daemon.eventually("stopping") { try daemon.status()["state"] }
        // One that was asked for comes to its end before the answer to a later request.
        for _ in 1...3 {
            daemon.signal(SIGHUP)
            #expect(try daemon.status()["state"] == "stopping", "\(daemon.log)")
        }
        #expect(daemon.readiness == 503)
        daemon.signal(SIGTERM)
        #expect(try daemon.waitForExit(within: .seconds(2)) == .code(1))
        try blocker.run("ROLLBACK")
    }

    @Test func theDrainHasALimit() throws {
        let site = try site()
        var configuration = DaemonConfiguration(Self.body)
        configuration.service = #"drain_timeout = "300ms""#
        let daemon = try site.daemon(configuration)
        let blocker = try blocked(site, daemon, keys: 3)
        daemon.signal(SIGINT)
        #expect(try daemon.waitForExit(within: .seconds(5)) == .code(0))
        #expect(daemon.log.contains("not everything was refreshed"), "\(daemon.log)")
        try blocker.run("ROLLBACK")
    }

    @Test func aSecondDaemonDoesNotTakeTheSocketOfTheFirst() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body)
        let other = try Command.run([Products.rekindle, "serve", "--config", daemon.configurationPath])
        #expect(other.exit == .code(73))
        #expect(other.error.contains("Another process serves"))
        #expect(daemon.readiness == 200, "\(daemon.log)")
    }
}
