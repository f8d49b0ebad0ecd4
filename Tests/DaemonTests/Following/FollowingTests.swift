import Glibc
import RefreshService
import TestDaemon
import TestServers
import Testing

/// What followers of channels hear, and when.
@Suite("Clients follow channels")
struct FollowingTests {
    static let body = """
        [regions.r]
        prefix = "r:"
        [queries.q]
        region = "r"
        params = ["id"]
        result = "scalar"
        sql = "SELECT version FROM items WHERE id = $1"
        [channels.changed]
        refresh = [{ query = "q", params = { id = "id" } }]
        [channels.plain]
        payload = "text"
        [channels."odd name&=%"]
        payload = "text"

        """

    static func site() throws -> Site {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, version int)")
        try site.sql("INSERT INTO items SELECT i, 0 FROM generate_series(1, 5) i")
        return site
    }

    @Test("who reads on hearing the event finds the new value, with and without messages to Redis")
    func afterRefresh() throws {
        for routes in ["", #"publish = [{ channel = "told" }]"#] {
            let site = try Self.site()
            let daemon = try site.daemon(Self.body.replacing("[channels.plain]", with: routes + "\n[channels.plain]"))
            let follower = try Follower(daemon, "channel=changed")
            let reader = try site.redisClient()
            let writer = try site.session()
            try writer.send(
                """
                DO $$
                BEGIN
                    FOR i IN 1..500 LOOP
                        UPDATE items SET version = i WHERE id = i % 5 + 1;
                        PERFORM pg_notify('changed', json_build_object('id', i % 5 + 1, 'version', i)::text);
                        COMMIT;
                        IF i % 7 = 0 THEN PERFORM pg_sleep(0.001); END IF;
                    END LOOP;
                END $$
                """)
            var heard: Set<String> = []
            for number in 1...500 {
                let event = try follower.next()
                #expect(event.name == "changed")
                let payload = try Document(event.data)
                let value = try reader.command("GET", "r:\(payload["id"] ?? "")").text.flatMap { Int($0) } ?? -1
                let told = payload["version"].flatMap { Int($0) } ?? .max
                try #require(value >= told, "event \(number): \(event)\n\(daemon.log)")
                heard.insert(event.data)
            }
            #expect(heard.count == 500)
            #expect(try writer.wait() == "")
        }
    }

    @Test("after=receive is in the order of commits, at once, and the ids count on")
    func afterReceive() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        let early = try Follower(daemon, "channel=changed&channel=plain&after=receive")
        let late = try Follower(daemon, "channel=changed")
        let blocker = try site.session()
        try blocker.run("BEGIN; LOCK TABLE items")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        for number in 1...100 { try site.sql("NOTIFY plain, 'n\(number)'") }
        let events = try (0...100).map { _ in try early.next() }
        #expect(events.map(\.data) == [#"{"id":1}"#] + (1...100).map { "n\($0)" })
        #expect(events.map(\.name) == ["changed"] + Array(repeating: "plain", count: 100))
        let numbers = events.compactMap { $0.id.split(separator: "-").last.flatMap { Int($0) } }
        #expect(numbers == Array(numbers[0]..<numbers[0] + 101))
        #expect(site.cli("EXISTS", "r:1") == "0")
        try blocker.run("COMMIT")
        #expect(try late.next().data == #"{"id":1}"#)
        #expect(site.cli("GET", "r:1") == "0", "\(daemon.log)")
    }

    @Test("names and payloads of any kind arrive as they are")
    func anyText() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        let one = try Follower(daemon, "channel=odd+name%26%3d%25")
        let all = try Follower(daemon, "after=receive")
        let payloads = [
            "", "red", " a\tb ", "two\nlines\n", "æ \u{1F7E5}", "id: 7", ": x", String(repeating: "y", count: 7_999),
        ]
        for payload in payloads { try site.sql("SELECT pg_notify('odd name&=%', '\(payload)')") }
        for follower in [one, all] {
            for payload in payloads {
                let event = try follower.next()
                #expect(event.data == payload && event.name == "odd name&=%", "\(daemon.log)")
            }
        }
    }

    @Test("what can not be followed is refused with a reason")
    func refusals() throws {
        let site = try Self.site()
        let daemon = try site.daemon(Self.body)
        func refusal(_ query: String) throws -> (Int, String) {
            guard case .refused(let reply) = try HealthClient(path: daemon.socketPath).follow("/events?\(query)") else {
                throw Trouble("\(query) is followed")
            }
            return (reply.status, String(decoding: reply.body, as: UTF8.self))
        }
        let unknown = try refusal("channel=nonsense")
        #expect(unknown.0 == 404 && unknown.1.contains("nonsense") && unknown.1.contains("  plain\n"))
        for query in ["chanel=plain", "after=later", "channel=%zz", "channel=%ff", "after=receive&after=refresh"] {
            #expect(try refusal(query).0 == 400, "\(query)")
        }

        let stream = try SocketStream(path: daemon.socketPath)
        try stream.write(Array("HEAD /events HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        var text = ""
        while !text.contains("ok\n") { text += String(decoding: try stream.read(), as: UTF8.self) }
        #expect(text.contains("Content-Type: text/event-stream\r\n") && text.contains("X-Accel-Buffering: no\r\n"))
        #expect(try daemon.metric("rekindle_followers") == 0)
    }

    @Test("a standby tells what arrives, and leaves what is stored to the owner")
    func standby() throws {
        let site = try Self.site()
        let owner = try site.daemon(Self.body)
        let standby = try site.start(DaemonConfiguration(Self.body))
        try standby.eventually("ok: standby\n") { (try? standby.get("/healthz")) ?? "" }
        #expect(throws: Trouble.self) { try Follower(standby, "channel=changed") }
        let receiving = try Follower(standby, "channel=changed&after=receive")
        let storing = try Follower(owner, "channel=changed")
        try site.sql(#"NOTIFY changed, '{"id":2}'"#)
        #expect(try receiving.next().data == #"{"id":2}"#)
        #expect(try storing.next().data == #"{"id":2}"#)
        owner.kill()
        try standby.waitUntilReady()
        let next = try Follower(standby, "channel=changed", after: storing.lastID)
        let gap = try next.next()
        #expect(gap.tellsOfGap && gap.data == "restart", "\(standby.log)")
    }
}
