import Glibc
import RefreshCore
import Synchronization
import TestServers
import Testing

@testable import RefreshService

/// Answers without an end, over real sockets.
@Suite struct HealthFollowTests {
    private static let channel = FollowedChannel(ChannelID(0), "c")

    private func server(_ change: (inout HealthLimits) -> Void = { _ in }) throws -> (HealthServer, ScratchFolder) {
        var limits = HealthLimits()
        change(&limits)
        let folder = try ScratchFolder()
        let server = try HealthServer.start(
            listeners: [.unixSocket(path: folder.socket)], limits: limits, wish: { _ in },
            respond: { request, answer in
                if request.query == "none" { return answer(HealthResponse(status: 404, text: "none")) }
                guard request.path == "/events" else { return answer(HealthResponse(status: 200, text: "ok")) }
                let source = Following.Source.channels(.all, after: .receive)
                answer(HealthResponse(following: Following(source: source, last: request.lastEventID)))
            })
        server.port.send([.began(Self.channel, .receive)], bytes: 0)
        return (server, folder)
    }

    private func send(_ server: HealthServer, _ texts: [String]) {
        let messages = texts.map { FanOutMessage.event(Self.channel, .receive, Bytes($0)) }
        server.port.send(messages, bytes: messages.reduce(0) { $0 + $1.bytes })
    }

    /// Reads until the text is there; fails at the end of the stream.
    private func read(_ client: RawClient, until end: String) throws -> String {
        var text = ""
        while !text.contains(end) {
            let part = client.read(65_536)
            try #require(!part.isEmpty, "it ended after: \(text.suffix(200))")
            text += String(decoding: part, as: UTF8.self)
        }
        return text
    }

    private func wait(_ server: HealthServer, followers: Int) throws {
        try until { server.port.followers == followers }
    }

    /// Looks until a condition holds, doing what is to be done meanwhile.
    private func until(_ condition: () -> Bool, meanwhile: () -> Void = { sched_yield() }) throws {
        let end = ContinuousClock.now + .seconds(20)
        while !condition() {
            try #require(ContinuousClock.now < end, "it does not happen")
            meanwhile()
        }
    }

    @Test func aFollowerHasAHeadWithoutALengthAndThenWhatComes() throws {
        let (server, folder) = try server()
        defer { server.shutdown() }
        let client = try RawClient(path: folder.socket)
        client.get("/events")
        let head = try read(client, until: "\n\n")
        #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.contains("Content-Type: text/event-stream\r\n"))
        for line in ["Cache-Control: no-store", "X-Accel-Buffering: no", "Connection: close"] {
            #expect(head.contains("\(line)\r\n"))
        }
        #expect(!head.lowercased().contains("content-length") && !head.lowercased().contains("transfer-encoding"))
        send(server, ["one"])
        #expect(try read(client, until: "data: one\n\n").hasPrefix("event: c\nid: "))
    }

    @Test func headAndRefusalsEndAsOtherAnswersDo() throws {
        let (server, folder) = try server()
        defer { server.shutdown() }
        let client = try RawClient(path: folder.socket)
        client.get("/events", method: "HEAD")
        #expect(client.answer(withBody: false)?.head.contains("text/event-stream") == true)
        client.get("/healthz")
        #expect(client.answer()?.body == "ok\n")
        client.get("/events?none")
        #expect(client.answer()?.status == 404)
        #expect(client.isClosed())
        #expect(server.port.followers == 0)
    }

    @Test func whoClosesOrHalfClosesIsForgottenAtOnce() throws {
        let (server, folder) = try server()
        defer { server.shutdown() }
        do {
            let client = try RawClient(path: folder.socket)
            client.get("/events")
            try wait(server, followers: 1)
        }
        try wait(server, followers: 0)
        let half = try RawClient(path: folder.socket)
        half.get("/events")
        _ = try read(half, until: "\n\n")
        shutdown(half.descriptor, Int32(SHUT_WR))
        try wait(server, followers: 0)
        #expect(half.isClosed())
    }

    @Test func whatComesBehindTheRequestIsNotHeeded() throws {
        let (server, folder) = try server()
        defer { server.shutdown() }
        let client = try RawClient(path: folder.socket)
        client.send("GET /events HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        _ = try read(client, until: "\n\n")
        send(server, ["x"])
        #expect(try read(client, until: "data: x\n\n").hasPrefix("event: c\n"))
    }

    @Test func followersHaveTheirOwnBoundAndQuestionsKeepTheirs() throws {
        let (server, folder) = try server {
            $0.connections = 2
            $0.followers = 20
        }
        defer { server.shutdown() }
        let clients = try (0..<20).map { _ in
            let client = try RawClient(path: folder.socket)
            client.get("/events")
            return client
        }
        try wait(server, followers: 20)
        for client in clients { #expect(try read(client, until: "\n\n").hasPrefix("HTTP/1.1 200")) }
        let late = try RawClient(path: folder.socket)
        late.get("/events")
        #expect(late.answer()?.body == "20 clients follow already\n")
        #expect(late.isClosed())
        let asking = try RawClient(path: folder.socket)
        asking.get("/healthz")
        #expect(asking.answer()?.body == "ok\n")
        send(server, ["all"])
        for client in clients { _ = try read(client, until: "data: all\n\n") }
    }

    @Test func keepAlivesComeWhileNothingIsTold() throws {
        let (server, folder) = try server { $0.keepAlive = .milliseconds(20) }
        defer { server.shutdown() }
        let client = try RawClient(path: folder.socket)
        client.get("/events")
        _ = try read(client, until: "\n\n")
        let line = try read(client, until: "\n\n")
        #expect(line.contains(": keep-alive\nid: "))
    }

    @Test func oneThatDoesNotReadIsCutByBytesAndByTime() throws {
        for isSilent in [false, true] {
            let (server, folder) = try server {
                $0.followerBacklog = 200_000
                $0.keepAlive = isSilent ? .milliseconds(20) : .seconds(60)
            }
            defer { server.shutdown() }
            let (slow, quick) = (try RawClient(path: folder.socket), try RawClient(path: folder.socket))
            for client in [slow, quick] { client.get("/events") }
            try wait(server, followers: 2)
            // More than the kernel takes for a client, and then, unless time is to tell, more than is kept.
            let count = isSilent ? 200 : 1_000
            for number in 0..<count {
                send(server, [String(repeating: "x", count: 2_000) + "\(number)."])
                _ = try read(quick, until: "x\(number).\n\n")
            }
            // It goes on where nothing more is kept, or waits for time to pass; the other one reads on.
            try until {
                server.port.cuts > 0
            } meanwhile: {
                if isSilent { send(server, ["."]) }
                if server.port.cuts == 0, isSilent { _ = quick.read(65_536) }
            }
            #expect(server.port.cuts == 1 && server.port.followers == 1)
        }
    }

    @Test func stoppingEndsThem() throws {
        let (server, folder) = try server()
        let client = try RawClient(path: folder.socket)
        client.get("/events")
        _ = try read(client, until: "\n\n")
        server.shutdown()
        #expect(client.isClosed())
    }
}
