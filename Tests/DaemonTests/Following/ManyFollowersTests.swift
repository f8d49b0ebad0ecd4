import Glibc
import RefreshService
import TestDaemon
import TestServers
import Testing

/// Many followers, slow ones and hostile ones.
@Suite("Many follow", .serialized)
struct ManyFollowersTests {
    private static let limit = 300

    private func site() throws -> (Site, RunningDaemon) {
        let site = try FollowingTests.site()
        var configuration = DaemonConfiguration(FollowingTests.body)
        configuration.health = "followers = \(Self.limit)"
        return (site, try site.daemon(configuration))
    }

    @Test("two hundred at once, and questions are answered beside them")
    func twoHundred() throws {
        let (site, daemon) = try site()
        let streams = try (0..<200).map { _ in
            let stream = try SocketStream(path: daemon.socketPath)
            try stream.write(Array("GET /events?channel=plain HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            return stream
        }
        try daemon.eventually(200) { try daemon.metric("rekindle_followers") }
        for number in 1...50 { try site.sql("NOTIFY plain, 'n\(number)'") }
        let expected = (1...50).map { "data: n\($0)" }
        for stream in streams {
            var text = ""
            while !text.contains("data: n50\n") { text += String(decoding: try stream.read(), as: UTF8.self) }
            #expect(text.hasPrefix("HTTP/1.1 200 "))
            #expect(text.split(separator: "\n").filter { $0.hasPrefix("data: ") } == expected.map { Substring($0) })
        }
        #expect(daemon.readiness == 200)
        #expect(try daemon.status()["followers.count"] == "200")
    }

    @Test("more than may are refused, and have their place when others go")
    func tooMany() throws {
        let (site, daemon) = try site()
        var followers = try (0..<Self.limit).map { _ in try Follower(daemon, "channel=plain") }
        guard case .refused(let reply) = try HealthClient(path: daemon.socketPath).follow("/events") else {
            throw Trouble("one too many follows")
        }
        #expect(reply.status == 503)
        #expect(String(decoding: reply.body, as: UTF8.self) == "\(Self.limit) clients follow already\n")
        followers.removeLast()
        try daemon.eventually(Double(Self.limit - 1)) { try daemon.metric("rekindle_followers") }
        let last = try Follower(daemon, "channel=plain")
        try site.sql("NOTIFY plain, 'x'")
        #expect(try last.next().data == "x", "\(daemon.log)")
    }

    @Test("one that does not read is cut, while memory stays flat and others hear everything")
    func slow() throws {
        let (site, daemon) = try site()
        let slow = try SocketStream(path: daemon.socketPath)
        try slow.write(Array("GET /events?channel=plain&after=receive HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        let quick = try Follower(daemon, "channel=plain&after=receive")
        try daemon.eventually(2) { try daemon.metric("rekindle_followers") }
        let before = try memory(daemon)
        let count = 4_000
        let writer = try site.session()
        var heard = 0
        for round in 0..<(count / 100) {
            try writer.send(
                "SELECT pg_notify('plain', i || repeat('x', 2000)) FROM generate_series(\(round * 100 + 1), \(round * 100 + 100)) i"
            )
            for payload in try quick.next(100) {
                heard += 1
                #expect(payload.hasPrefix("\(heard)x"))
            }
        }
        try daemon.eventually(1) { try daemon.metric("rekindle_followers_cut_total") }
        try daemon.eventually(1) { try daemon.metric("rekindle_followers") }
        if MemoryBound.holds { #expect(try memory(daemon) - before < 16 << 10) }
        #expect(site.cli("PING") == "PONG", "\(daemon.log)")
    }

    @Test("a burst that nobody can keep up with is cut short, and whoever missed some is told")
    func burst() throws {
        let (site, daemon) = try site()
        let follower = try Follower(daemon, "channel=plain&after=receive")
        let writer = try site.session()
        try writer.run("SELECT count(pg_notify('plain', i || repeat('x', 1000))) FROM generate_series(1, 30000) i")
        try site.sql("NOTIFY plain, 'last'")
        // It hears the last one, or is cut or told of a gap and hears it then.
        var number = 0
        var last = ""
        var hasMissed = false
        var stream = follower
        while last != "last" {
            guard let event = try? stream.next() else {
                stream = try Follower(daemon, "channel=plain&after=receive", after: stream.lastID)
                continue
            }
            if event.tellsOfGap {
                hasMissed = true
                // All is heard of before the gap was told, or is what the reader finds when it reads anew.
                if event.data == "forgotten" { break }
                continue
            }
            last = event.data
            let next = Int(last.prefix { $0.isNumber }) ?? 30001
            if !hasMissed { #expect(next == number + 1 || last == "last") }
            hasMissed = false
            number = next
        }
        try daemon.eventually(200) { daemon.readiness }
    }

    private func memory(_ daemon: RunningDaemon) throws -> Int {
        let status = Files.read("/proc/\(daemon.id)/status")
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.split(whereSeparator: \.isWhitespace)[1]))
    }
}
