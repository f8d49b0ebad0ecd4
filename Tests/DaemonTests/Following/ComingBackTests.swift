import Glibc
import RefreshService
import TestDaemon
import TestServers
import Testing

/// Lost connections, lost feeds, restarts and reloads.
@Suite("Followers come back")
struct ComingBackTests {
    @Test("a follower that loses its connection again and again hears each event once, in order", arguments: [1, 2, 3])
    func replay(seed: UInt64) throws {
        let site = try FollowingTests.site()
        let daemon = try site.daemon(FollowingTests.body)
        var random = SeededGenerator(seed: seed)
        let writer = try site.session()
        var last: String?
        var heard: [String] = []
        var follower = try Follower(daemon, "channel=plain&after=receive")
        try writer.send(
            """
            DO $$
            BEGIN
                FOR i IN 1..2000 LOOP
                    PERFORM pg_notify('plain', i::text);
                    PERFORM pg_notify('changed', '{"id":1}');
                    COMMIT;
                    IF i % 20 = 0 THEN PERFORM pg_sleep(0.001); END IF;
                END LOOP;
            END $$
            """)
        while heard.count < 2000 {
            let count = min(Int.random(in: 0...150, using: &random), 2000 - heard.count)
            heard += try follower.next(count)
            last = follower.lastID
            if Int.random(in: 0..<4, using: &random) == 0 {
                // Somebody else's events move on what is kept, and not the place of this one.
                _ = try Follower(daemon, "channel=changed&after=receive")
            }
            follower = try Follower(daemon, "channel=plain&after=receive", after: last)
        }
        #expect(heard == (1...2000).map { "\($0)" }, "seed \(seed)\n\(daemon.log)")
        #expect(try writer.wait() == "")
    }

    @Test("after a restart it is told that it may have missed some, and goes on")
    func restart() throws {
        let site = try FollowingTests.site()
        let configuration = DaemonConfiguration(FollowingTests.body)
        let first = try site.daemon(configuration)
        let follower = try Follower(first, "channel=plain")
        try site.sql("NOTIFY plain, 'one'")
        #expect(try follower.next().data == "one")
        first.kill()
        #expect(throws: (any Error).self) { try follower.next() }
        try site.sql("NOTIFY plain, 'lost'")
        let second = try site.daemon(configuration)
        let again = try Follower(second, "channel=plain", after: follower.lastID)
        let gap = try again.next()
        #expect(gap.tellsOfGap && gap.data == "restart")
        try site.sql("NOTIFY plain, 'two'")
        #expect(try again.next().data == "two", "\(second.log)")
    }

    @Test(
        "when the daemon itself did not hear for a while followers are told, those of stored values when all is right")
    func lostFeed() throws {
        let site = try FollowingTests.site()
        let daemon = try site.daemon(FollowingTests.body)
        let early = try Follower(daemon, "after=receive")
        let late = try Follower(daemon, "channel=changed")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        #expect(try late.next().data == #"{"id":1}"#)
        #expect(try early.next().data == #"{"id":1}"#)
        try site.sql(
            """
            UPDATE items SET version = 9 WHERE id = 1;
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'rekindle listener'
            """)
        let (first, second) = (try early.next(), try late.next())
        #expect(first.tellsOfGap && first.data == "listener")
        #expect(second.tellsOfGap && second.data == "listener")
        #expect(site.cli("GET", "r:1") == "9", "\(daemon.log)")
    }

    @Test("a reload that takes a channel away ends who named it, and one that adds one is heard by who follows all")
    func reload() throws {
        let site = try FollowingTests.site()
        let daemon = try site.daemon(FollowingTests.body)
        let named = try Follower(daemon, "channel=plain&after=receive")
        let all = try Follower(daemon, "after=receive")
        let other = try Follower(daemon, "channel=changed&after=receive")
        try daemon.reload(
            DaemonConfiguration(FollowingTests.body.replacing("[channels.plain]", with: "[channels.fresh]")))
        let end = try named.end()
        #expect(end.map(\.name) == ["rekindle:end"] && end.map(\.data) == ["plain"])
        #expect(throws: Trouble.self) { try Follower(daemon, "channel=plain&after=receive", after: named.lastID) }
        try site.sql(#"NOTIFY fresh, 'new'; NOTIFY changed, '{"id":1}'"#)
        #expect(try all.next(2) == ["new", #"{"id":1}"#])
        #expect(try other.next(1) == [#"{"id":1}"#], "\(daemon.log)")
    }

    @Test("a page of the allowed origin may read, by TCP too")
    func origin() throws {
        let site = try FollowingTests.site()
        var configuration = DaemonConfiguration(FollowingTests.body)
        configuration.health = #"allow_origin = "https://shop.example""#
        let daemon = try site.daemon(configuration)
        for (target, isAllowed) in [("/events", true), ("/events?channel=nonsense", true), ("/status", false)] {
            let stream = try SocketStream(path: daemon.socketPath)
            try stream.write(Array("GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            var text = ""
            while !text.contains("\r\n\r\n") { text += String(decoding: try stream.read(), as: UTF8.self) }
            #expect(text.contains("Access-Control-Allow-Origin: https://shop.example\r\n") == isAllowed, "\(target)")
        }
    }
}
