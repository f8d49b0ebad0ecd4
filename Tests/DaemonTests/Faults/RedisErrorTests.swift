import Glibc
import TestDaemon
import TestServers
import Testing

@Suite("Redis answers errors", .serialized)
struct RedisErrorTests {
    /// The share of a processor that the daemon may use while it can do nothing but wait.
    private let restful = 0.15

    @Test("maxmemory is reached")
    func outOfMemory() throws {
        try waits(for: "OOM") {
            $0.cli("CONFIG", "SET", "maxmemory", "1")
        } repaired: {
            $0.cli("CONFIG", "SET", "maxmemory", "0")
        }
    }

    @Test("the server becomes a replica")
    func readOnly() throws {
        try waits(for: "READONLY") {
            $0.cli("REPLICAOF", "127.0.0.1", "1")
        } repaired: {
            $0.cli("REPLICAOF", "NO", "ONE")
        }
    }

    @Test("its snapshots fail")
    func snapshotsFail() throws {
        let broken: (Site) throws -> Void = { site in
            site.cli("CONFIG", "SET", "save", "3600 1")
            // A folder of the dump's name makes every snapshot fail.
            guard mkdir("\(site.redis.folder)/folder.rdb", 0o700) == 0 else { throw Trouble("mkdir: errno \(errno)") }
            site.cli("CONFIG", "SET", "dbfilename", "folder.rdb")
            site.cli("BGSAVE")
            try eventually { site.cli("INFO", "persistence").contains("rdb_last_bgsave_status:err") }
        }
        try waits(for: "MISCONF", [], broken) { site in
            rmdir("\(site.redis.folder)/folder.rdb")
            site.cli("CONFIG", "SET", "save", "")
            site.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
        }
    }

    @Test("a right is taken away")
    func forbidden() throws {
        try waits(for: "") {
            $0.cli("ACL", "SETUSER", "default", "-set")
        } repaired: {
            $0.cli("ACL", "SETUSER", "default", "+set")
        }
    }

    @Test("too few replicas to write")
    func noReplicas() throws {
        try waits(for: "NOREPLICAS") {
            $0.cli("CONFIG", "SET", "min-replicas-to-write", "1")
        } repaired: {
            $0.cli("CONFIG", "SET", "min-replicas-to-write", "0")
        }
    }

    @Test("a replica that lost its primary and may not serve what it has")
    func masterDown() throws {
        try waits(for: "MASTERDOWN") {
            $0.cli("CONFIG", "SET", "replica-serve-stale-data", "no")
            $0.cli("CONFIG", "SET", "replica-read-only", "no")
            $0.cli("REPLICAOF", "127.0.0.1", "1")
        } repaired: {
            $0.cli("REPLICAOF", "NO", "ONE")
        }
    }

    @Test("a script of somebody else runs and runs")
    func busy() throws {
        var culprit: RedisClient?
        try waits(for: "BUSY") {
            $0.cli("CONFIG", "SET", "busy-reply-threshold", "100")
            culprit = try $0.redisClient()
            try culprit?.send(["EVAL", "while true do end", "0"])
        } repaired: {
            $0.cli("SCRIPT", "KILL")
        }
        culprit = nil
    }

    @Test("it loads its data for long")
    func loading() throws {
        var loader: RedisClient?
        try waits(for: "LOADING", ["--loading-process-events-interval-bytes", "1024"]) {
            $0.cli("CONFIG", "SET", "key-load-delay", "100000")
            loader = try $0.redisClient()
            try loader?.send(["DEBUG", "RELOAD"])
        } repaired: {
            $0.cli("CONFIG", "SET", "key-load-delay", "0")
            _ = try loader?.next()
        }
    }

    @Test("it wants a password all at once")
    func noAuthentication() throws {
        try waits(for: "NOAUTH") {
            $0.cli("CONFIG", "SET", "requirepass", "secret")
            $0.cli("-a", "secret", "CLIENT", "KILL", "TYPE", "normal")
        } repaired: {
            $0.cli("-a", "secret", "CONFIG", "SET", "requirepass", "")
        }
    }

    @Test("a cluster that is not whole, and one whose slots are elsewhere, are named and cost nothing")
    func cluster() throws {
        let cluster = RedisServer.Options(listensOnTCP: true, arguments: ["--cluster-enabled", "yes"])
        let site = try Site.shop(items: 20, redis: cluster)
        let daemon = try site.start(.init(Shop.body))
        try daemon.eventually { daemon.readiness != nil }
        try daemon.eventually { try daemon.answer("/healthz").text.contains("CLUSTERDOWN") }
        let other = try RedisServer.start(cluster)
        other.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        site.cli("CLUSTER", "MEET", "127.0.0.1", String(try #require(other.port)))
        try daemon.eventually(within: .seconds(30)) { try daemon.answer("/healthz").text.contains("MOVED") }
        let text = try daemon.answer("/healthz").text
        #expect(text.contains("luster"), "\(text)")
        #expect(try daemon.processorShare(of: .seconds(2)) < restful)
        #expect(daemon.readiness == 503 && daemon.process.exit == nil)
    }

    /// Breaks Redis while writers write, looks at the daemon, and repairs Redis.
    private func waits(
        for word: String, _ arguments: [String] = [], _ broken: (Site) throws -> Void, repaired: (Site) throws -> Void,
        at place: SourceLocation = #_sourceLocation
    ) throws {
        let site = try Site.shop(
            items: 200, redis: .init(arguments: ["--enable-protected-configs", "yes"] + arguments))
        let daemon = try site.daemon(Shop.body)
        try broken(site)
        let writers = try Writers(site, items: 200, perSecond: 200)
        try daemon.eventually(503, file: place.fileID, line: place.line) { try daemon.answer("/healthz").status }
        try daemon.eventually(file: place.fileID, line: place.line) { try daemon.answer("/readyz").text.contains(word) }
        let lines = daemon.log.split(separator: "\n").count
        let used = try daemon.processorShare(of: .seconds(2))
        #expect(used < restful, "it must not spin", sourceLocation: place)
        #expect(daemon.log.split(separator: "\n").count < lines + 20, "the log is quiet", sourceLocation: place)
        // A resync that begins now can not end before the repair.
        try site.terminateDaemonSessions()
        try site.sql("UPDATE items SET v = v + 1 WHERE id <= 20")
        writers.stop()
        try repaired(site)
        try daemon.converges(on: site, within: .seconds(20), at: place)
        try daemon.eventually(200, within: .seconds(20), file: place.fileID, line: place.line) {
            try daemon.answer("/healthz").status
        }
        try daemon.eventually(0, within: .seconds(20), file: place.fileID, line: place.line) {
            try daemon.metric("rekindle_gap_open")
        }
    }

    @Test("its scripts are flushed, again and again")
    func scriptsFlushed() throws {
        let site = try Site.shop(items: 100)
        let daemon = try site.daemon(Shop.body)
        let writers = try Writers(site, items: 100)
        for _ in 1...10 {
            try site.writes(20)
            site.cli("SCRIPT", "FLUSH")
        }
        writers.stop()
        try daemon.converges(on: site)
        #expect(try daemon.metric("rekindle_gaps_total", "cause=\"redis\"") == 0, "no data was lost")
    }

    @Test("without the right to transactions the script writes", arguments: ["multi", "client|reply"])
    func withoutTransactions(command: String) throws {
        let site = try Site.shop(items: 100)
        site.cli("ACL", "SETUSER", "default", "-\(command)")
        let daemon = try site.daemon(Shop.body)
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        #expect(site.cli("KEYS", "rekindle:*:mark").isEmpty, "no transaction was sent")
        site.cli("ACL", "SETUSER", "default", "+\(command)")
        site.cli("CLIENT", "KILL", "TYPE", "normal")
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        try daemon.eventually { !site.cli("KEYS", "rekindle:*:mark").isEmpty }
    }

    @Test("a route's stream key holds another type: values are stored all the same")
    func wrongTypeOfStream() throws {
        let site = try Site.shop(items: 20)
        site.cli("SET", "log", "a string")
        let daemon = try site.daemon(
            Shop.body + """

                publish = [{ stream = "log", maxlen = 10 }, { stream = "log", maxlen = 10, after = "receive" }]
                """)
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        try daemon.eventually(40) {
            try daemon.metric("rekindle_messages_failed_total") + daemon.metric("rekindle_messages_skipped_total")
        }
        // After five refusals in a row a route rests, and its messages cost nothing.
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.eventually { try daemon.metric("rekindle_messages_skipped_total") > 0 }
        #expect(try daemon.status()["failing_routes.0.target"] == "log")
        #expect(try daemon.status()["failing_routes.0.failure"]?.contains("WRONGTYPE") == true)
        #expect(daemon.log.matches(of: #/route rests/#).count == 1)
        #expect(try daemon.answer("/healthz").status == 200)
        site.cli("DEL", "log")
        try daemon.eventually(within: .seconds(20)) {
            try site.sql("UPDATE items SET v = v + 1 WHERE id = 7")
            return (Int(site.cli("XLEN", "log")) ?? 0) > 0
        }
        try daemon.eventually(0) { try daemon.metric("rekindle_failing_routes") }
        try daemon.converges(on: site)
    }

    @Test("messages that wait for Redis leave when it takes writes again, in order")
    func messagesWait() throws {
        let site = try Site.shop(items: 20)
        let daemon = try site.daemon(
            Shop.body + """

                publish = [{ stream = "log", maxlen = 1000, after = "receive" }]
                """)
        site.cli("CONFIG", "SET", "maxmemory", "1")
        try site.sql("UPDATE items SET v = v + 1 WHERE id = 1")
        try daemon.eventually(503) { try daemon.answer("/healthz").status }
        for id in 2...10 { try site.sql("UPDATE items SET v = v + 1 WHERE id = \(id)") }
        try daemon.eventually { try Int(daemon.status()["queue.messages_waiting"] ?? "") ?? 0 > 0 }
        site.cli("CONFIG", "SET", "maxmemory", "0")
        try daemon.eventually(200) { try daemon.answer("/healthz").status }
        try daemon.eventually("0") { try daemon.status()["queue.messages_waiting"] }
        try site.sql("UPDATE items SET v = v + 1 WHERE id = 11")
        try daemon.eventually { site.cli("XREVRANGE", "log", "+", "-", "COUNT", "1").contains("11") }
        let ids = site.cli("XRANGE", "log", "-", "+").matches(of: #/"id" : (\d+)/#).compactMap { Int($0.1) }
        #expect(ids == ids.sorted() && ids.last == 11)
        try daemon.converges(on: site)
    }
}
