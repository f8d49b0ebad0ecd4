import Glibc
import Testing

@testable import RefreshService

@Suite struct HealthProtocolTests {
    @Test func answersAndKeepsTheConnection() throws {
        let server = try TestServer()
        let client = try server.client()
        for round in 0..<3 {
            client.get("/healthz?round=\(round)")
            let answer = try #require(client.answer())
            #expect(answer.status == 200)
            #expect(answer.head.contains("Connection: keep-alive"))
            #expect(answer.body == "GET /healthz?round=\(round)\n")
        }
        client.get("/metrics", headers: "Connection: close\r\n")
        #expect(client.answer()?.head.contains("Connection: close") == true)
        #expect(client.isClosed())
    }

    @Test func http10ClosesUnlessAsked() throws {
        let server = try TestServer()
        let closing = try server.client()
        closing.send("GET /healthz HTTP/1.0\r\n\r\n")
        #expect(closing.answer()?.status == 200)
        #expect(closing.isClosed())
        let keeping = try server.client()
        for _ in 0..<2 {
            keeping.send("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            #expect(keeping.answer()?.head.contains("Connection: keep-alive") == true)
        }
    }

    @Test func headHasNoBody() throws {
        let server = try TestServer()
        let client = try server.client()
        client.get("/healthz", method: "HEAD")
        #expect(client.answer(withBody: false)?.head.contains("Content-Length: 14\r\n") == true)
        client.get("/healthz")
        #expect(client.answer()?.body == "GET /healthz\n")
    }

    @Test func unknownPathsGetTheList() throws {
        let server = try TestServer()
        let client = try server.client()
        for target in ["/", "/healthz/", "//healthz", "/../etc/passwd", "http://x/healthz", "/HEALTHZ"] {
            client.get(target)
            let answer = try #require(client.answer())
            #expect(answer.status == 404)
            #expect(answer.body.contains("  /healthz\n  /readyz\n  /status\n  /metrics\n"))
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "PURGE"])
    func otherMethodsAreRefused(method: String) throws {
        let server = try TestServer()
        let client = try server.client()
        client.get("/status", method: method, headers: "Content-Length: 3\r\n")
        client.send("abc")
        let answer = try #require(client.answer())
        #expect(answer.status == 405)
        #expect(answer.head.contains("Allow: GET, HEAD\r\n"))
        client.get("/status")
        #expect(client.answer()?.status == 200)
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() throws {
        let server = try TestServer()
        let client = try server.client()
        client.send((0..<50).map { "GET /status?\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
        for number in 0..<50 { #expect(client.answer()?.body == "GET /status?\(number)\n") }
    }

    @Test func aClientThatClosesItsSideIsStillAnswered() throws {
        let server = try TestServer()
        let client = try server.client()
        client.get("/healthz")
        shutdown(client.descriptor, Int32(SHUT_WR))
        #expect(client.answer()?.status == 200)
        #expect(client.isClosed())
    }

    @Test(arguments: [
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 9_000))\r\n\r\n", 431),
        ("GET /\(String(repeating: "a", count: 9_000)) HTTP/1.1\r\nHost: x\r\n\r\n", 431),
        (
            "GET /healthz HTTP/1.1\r\nHost: x\r\n"
                + (0..<100).map { "X\($0): \(String(repeating: "a", count: 90))\r\n" }.joined() + "\r\n", 431
        ),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n", 413),
        ("GET /healthz HTTP/1.1\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400),
    ])
    func badRequestsAreRefusedAndClosed(request: String, status: Int) throws {
        let server = try TestServer()
        let client = try server.client()
        client.send(request)
        #expect(client.answer()?.status == status)
        #expect(client.isClosed())
    }

    @Test func aChunkedBodyIsCounted() throws {
        let server = try TestServer()
        let client = try server.client()
        client.get("/healthz", headers: "Transfer-Encoding: chunked\r\n")
        let chunk = "2000\r\n" + String(repeating: "b", count: 0x2000) + "\r\n"
        for _ in 0..<9 { client.send(chunk) }
        #expect(client.answer()?.status == 413)
        #expect(client.isClosed())
    }

    @Test func anAnswerMayBeLargeAndItsHeadersAreSafe() throws {
        let body = [UInt8](repeating: 97, count: 3 << 20)
        let server = try TestServer { request, answer in
            let type = request.path == "/metrics" ? "text/plain" : "text/plain\r\nX-Injected: 1"
            answer(HealthResponse(status: 200, contentType: type, body: body))
        }
        let client = try server.client()
        client.get("/metrics")
        #expect(client.answer()?.body.utf8.count == body.count)
        client.get("/status")
        #expect(client.isClosed())
    }
}
