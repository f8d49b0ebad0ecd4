import Glibc
import Synchronization
import TestServers
import Testing

@testable import RefreshService

@Suite struct HealthDeadlineTests {
    private func limits(_ change: (inout HealthLimits) -> Void) -> HealthLimits {
        var limits = HealthLimits()
        change(&limits)
        return limits
    }

    @Test func aDrippingRequestIsClosed() throws {
        let server = try TestServer(limits: limits { $0.request = .milliseconds(200) })
        let client = try server.client()
        let begin = ContinuousClock.now
        client.send("GET /healthz HTTP/1.1\r\nHost: x\r\n")
        // Drips for as long as the server takes it: one byte each time nothing has come for 20 ms.
        var waiting = pollfd(fd: client.descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 20) == 0, ContinuousClock.now - begin < .seconds(5), client.send("a") {}
        #expect(client.isClosed())
        #expect(ContinuousClock.now - begin < .seconds(5))
        #expect(ContinuousClock.now - begin >= .milliseconds(200))
    }

    @Test func anIdleConnectionIsClosed() throws {
        let server = try TestServer(limits: limits { $0.idle = .milliseconds(100) })
        let silent = try server.client()
        #expect(silent.isClosed())
        let client = try server.client()
        client.get("/healthz")
        #expect(client.answer()?.status == 200)
        #expect(client.isClosed())
    }

    @Test func aClientThatDoesNotReadIsClosed() throws {
        let asked = Atomic<Int>(0)
        let body = [UInt8](repeating: 97, count: 4 << 20)
        let server = try TestServer(limits: limits { $0.write = .milliseconds(200) }) { _, answer in
            asked.add(1, ordering: .relaxed)
            answer(HealthResponse(status: 200, contentType: "text/plain", body: body))
        }
        let client = try server.client()
        client.send((0..<100).map { _ in "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        var hangup = pollfd(fd: client.descriptor, events: 0, revents: 0)
        #expect(poll(&hangup, 1, 5_000) == 1)
        // One answer at a time: the requests behind it were never asked.
        #expect(asked.load(ordering: .relaxed) == 1)
    }

    @Test func aStuckDaemonIsReported() throws {
        let kept = Guarded<[@Sendable (HealthResponse) -> Void]>([])
        let server = try TestServer(
            limits: limits {
                $0.answer = .milliseconds(50)
                $0.unanswered = 2
            }
        ) { _, answer in kept.withLock { $0.append(answer) } }
        let client = try server.client()
        for path in ["/healthz", "/metrics"] {
            client.get(path)
            let answer = try #require(client.answer())
            #expect(answer.status == 503)
            #expect(answer.body == "the event loop has not answered for 50 ms\n")
        }
        client.get("/status")
        #expect(client.answer()?.body == "the event loop has 2 requests unanswered\n")
        #expect(kept.withLock(\.count) == 2)
        client.get("/nowhere")
        #expect(client.answer()?.status == 404)

        // Late answers, given twice, reach nobody; the daemon is asked again.
        for answer in kept.withLock({ $0 }) {
            answer(HealthResponse(status: 200, text: "late"))
            answer(HealthResponse(status: 200, text: "twice"))
        }
        // The late answers free their places on the server's own thread: until then it says that there is none.
        var body: String?
        for _ in 0..<1000 where body == nil || body == "the event loop has 2 requests unanswered\n" {
            client.get("/status")
            body = client.answer()?.body
        }
        #expect(body == "the event loop has not answered for 50 ms\n")
        #expect(kept.withLock(\.count) == 3)
        // What is kept keeps the server.
        kept.withLock { $0 = [] }
    }

    @Test func aDroppedRequestIsAnsweredAtOnce() throws {
        let server = try TestServer { _, _ in }
        let client = try server.client()
        client.get("/healthz")
        #expect(client.answer()?.body == "the daemon dropped the request\n")
    }

    @Test func shutdownEndsEverything() throws {
        let asked = Signal()
        let server = try TestServer(limits: limits { $0.answer = .seconds(60) }) { _, answer in
            asked.keep { answer(HealthResponse(status: 200, text: "after the end")) }
            asked.raise()
        }
        let (idle, waiting) = (try server.client(), try server.client())
        waiting.get("/healthz")
        asked.wait(for: 1)
        server.server.shutdown()
        server.server.shutdown()
        #expect(waiting.answer()?.body == "the daemon is stopping\n")
        #expect(waiting.isClosed())
        #expect(idle.isClosed())
        #expect(access(server.folder.socket, F_OK) != 0)
        asked.runKept()
    }
}
