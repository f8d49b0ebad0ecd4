import Glibc
import RefreshService
import TestDaemon
import TestServers
import Testing

/// Followers of the Redis stream of a route.
@Suite("Clients follow streams")
struct StreamFollowingTests {
    private static let body = """
        [channels.plain]
        payload = "text"
        publish = [{ stream = "shop:log", maxlen = 100000 }, { stream = "other", maxlen = 10, body = "envelope" }]

        """

    @Test("live, with Redis' own ids, whoever adds to it; and again from any id, also after a restart")
    func liveAndReplay() throws {
        let site = try Site()
        let configuration = DaemonConfiguration(Self.body)
        let first = try site.daemon(configuration)
        let follower = try Follower(first, "stream=shop%3Alog")
        let envelopes = try Follower(first, "stream=other")
        for number in 1...5 { try site.sql("NOTIFY plain, 'n\(number)'") }
        let events = try (1...5).map { _ in try follower.next() }
        #expect(events.map(\.data) == (1...5).map { "n\($0)" } && events.allSatisfy { $0.name == "shop:log" })
        let ids = try site.redisClient().command("XRANGE", "shop:log", "-", "+").list.compactMap { $0.list.first?.text }
        #expect(events.map(\.id) == ids)
        #expect(try Document(envelopes.next().data)["payload"] == "n1")

        site.cli("XADD", "shop:log", "*", "a", "1", "b", "x y")
        #expect(try follower.next().data == #"{"a":"1","b":"x y"}"#)
        first.kill()
        site.cli("XADD", "shop:log", "*", "payload", "while it was down")
        let second = try site.daemon(configuration)
        let again = try Follower(second, "stream=shop%3Alog", after: ids[1])
        #expect(try again.next(3) == ["n3", "n4", "n5"])
        #expect(try again.next(2).last == "while it was down")
        let whole = try Follower(second, "stream=shop%3Alog&last_event_id=0")
        #expect(try whole.next(7).first == "n1")
        try site.sql("NOTIFY plain, 'n6'")
        for follower in [again, whole] { #expect(try follower.next().data == "n6", "\(second.log)") }
    }

    @Test("a follower that loses its connection again and again has each entry once, in order", arguments: [1, 2])
    func replay(seed: UInt64) throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        var random = SeededGenerator(seed: seed)
        let writer = try site.session()
        var follower = try Follower(daemon, "stream=shop%3Alog")
        let steady = try Follower(daemon, "stream=shop%3Alog")
        try writer.send(
            """
            DO $$
            BEGIN
                FOR i IN 1..3000 LOOP
                    PERFORM pg_notify('plain', i::text);
                    COMMIT;
                    IF i % 30 = 0 THEN PERFORM pg_sleep(0.001); END IF;
                END LOOP;
            END $$
            """)
        var heard: [String] = []
        while heard.count < 3000 {
            heard += try follower.next(min(Int.random(in: 0...300, using: &random), 3000 - heard.count))
            follower = try Follower(daemon, "stream=shop%3Alog", after: follower.lastID)
        }
        let expected = (1...3000).map { "\($0)" }
        #expect(heard == expected, "seed \(seed)\n\(daemon.log)")
        #expect(try steady.next(3000) == expected)
    }

    @Test("what was trimmed is told")
    func trimmed() throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        let follower = try Follower(daemon, "stream=other")
        try site.sql("NOTIFY plain, '1'")
        let first = try follower.next()
        try site.sql("NOTIFY plain, '2'")
        _ = try follower.next()
        site.cli("XTRIM", "other", "MAXLEN", "1")
        let again = try Follower(daemon, "stream=other", after: first.id)
        let gap = try again.next()
        #expect(gap.tellsOfGap && gap.data == "trimmed")
        #expect(try Document(again.next().data)["payload"] == "2")
        let nonsense = try Follower(daemon, "stream=other&last_event_id=x").next()
        #expect(nonsense.tellsOfGap && nonsense.data == "restart", "\(daemon.log)")
    }

    @Test("a burst that is trimmed before anybody can read it is told to those who are there")
    func trimmedBurst() throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        let follower = try Follower(daemon, "stream=other")
        try site.sql("NOTIFY plain, '1'")
        _ = try follower.next()
        let burst = "for i = 1, 500 do redis.call('XADD', 'other', 'MAXLEN', '=', 3, '*', 'payload', i) end"
        for _ in 1...3 {
            try site.redisClient().command("EVAL", burst, "0")
            let gap = try follower.next()
            #expect(gap.tellsOfGap && gap.data == "trimmed", "\(gap)")
            #expect(try follower.next(3) == ["498", "499", "500"], "\(daemon.log)")
        }
    }

    @Test("what can not be read is refused, harms no other stream, and is read when it can be")
    func refusals() throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        guard case .refused(let unknown) = try HealthClient(path: daemon.socketPath).follow("/events?stream=x") else {
            throw Trouble("a stream of no route is followed")
        }
        #expect(unknown.status == 404 && String(decoding: unknown.body, as: UTF8.self).contains("  shop:log"))
        for query in ["stream=other&channel=plain", "stream=other&after=receive", "stream=other&stream=other"] {
            #expect(throws: Trouble.self) { try Follower(daemon, query) }
        }
        let follower = try Follower(daemon, "stream=shop%3Alog")
        let broken = try Follower(daemon, "stream=other")
        site.cli("SET", "other", "no stream")
        let end = try? broken.end()
        #expect(end == [] || end == nil)
        #expect(throws: Trouble.self) { try Follower(daemon, "stream=other") }
        site.cli("XADD", "shop:log", "*", "payload", "well")
        #expect(try follower.next().data == "well")
        site.cli("DEL", "other")
        let mended = try Follower(daemon, "stream=other")
        site.cli("XADD", "other", "*", "event", "again")
        #expect(try mended.next().data == "again", "\(daemon.log)")
    }

    @Test("Redis goes away and comes back: what was added meanwhile is heard")
    func redisAway() throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        let follower = try Follower(daemon, "stream=shop%3Alog")
        site.cli("XADD", "shop:log", "*", "payload", "before")
        #expect(try follower.next().data == "before")
        try site.redis.restart(keepingData: true)
        site.cli("XADD", "shop:log", "*", "payload", "after")
        #expect(try follower.next().data == "after", "\(daemon.log)")
    }

    @Test("one that does not read costs no memory, however much there is, and goes on when it reads")
    func slow() throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        let client = try site.redisClient()
        try client.command(
            "EVAL",
            "for i = 1, 40000 do redis.call('XADD', 'shop:log', '*', 'payload', i .. ':' .. string.rep('x', 1000)) end",
            "0")
        let before = try memory(daemon)
        let slow = try Follower(daemon, "stream=shop%3Alog&last_event_id=0")
        let quick = try Follower(daemon, "stream=shop%3Alog&last_event_id=0")
        for number in 1...40_000 {
            let payload = try quick.next().data
            try #require(payload.hasPrefix("\(number):x"), "\(payload.prefix(20))")
        }
        if MemoryBound.holds { #expect(try memory(daemon) - before < 12 << 10) }
        for number in 1...40_000 { try #require(try slow.next().data.hasPrefix("\(number):x")) }
        #expect(try daemon.metric("rekindle_followers_cut_total") == 0, "\(daemon.log)")
    }

    @Test("a reload that takes the route away ends its followers")
    func reload() throws {
        let site = try Site()
        let daemon = try site.daemon(Self.body)
        let follower = try Follower(daemon, "stream=other")
        try daemon.reload(DaemonConfiguration(Self.body.replacing(#""other""#, with: #""another""#)))
        let end = try follower.end()
        #expect(end.map(\.name) == ["rekindle:end"] && end.map(\.data) == ["other"], "\(daemon.log)")
    }

    @Test("a standby reads streams too")
    func standby() throws {
        let site = try Site()
        let owner = try site.daemon(Self.body)
        let standby = try site.start(DaemonConfiguration(Self.body))
        try standby.eventually("ok: standby\n") { (try? standby.get("/healthz")) ?? "" }
        let follower = try Follower(standby, "stream=shop%3Alog")
        try site.sql("NOTIFY plain, 'x'")
        #expect(try follower.next().data == "x", "\(owner.log)\n\(standby.log)")
    }

    private func memory(_ daemon: RunningDaemon) throws -> Int {
        let status = Files.read("/proc/\(daemon.id)/status")
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1]))
    }
}
