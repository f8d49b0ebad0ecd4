import Glibc
import Testing

@testable import RefreshService

@Suite struct HealthClientTests {
    @Test func getsStatusAndBody() throws {
        let server = try TestServer { request, answer in
            answer(HealthResponse(status: 503, text: "\(request.path) \(request.query ?? "-")"))
        }
        let reply = try HealthClient(path: server.folder.socket).get("/status?format=json")
        #expect(reply == HealthReply(status: 503, body: Array("/status format=json\n".utf8)))
        let large = try TestServer { _, answer in
            answer(HealthResponse(status: 200, contentType: "a/b", body: [UInt8](repeating: 1, count: 2 << 20)))
        }
        #expect(try HealthClient(path: large.folder.socket).get("/status").body.count == 2 << 20)
    }

    @Test func failuresSayWhatToDo() throws {
        let folder = try ScratchFolder()
        let client = HealthClient(path: folder.socket, timeout: .milliseconds(100))
        #expect(throws: HealthError.socketAbsent(path: folder.socket)) { try client.get("/healthz") }
        #expect(throws: HealthError.targetUnusable) { try client.get("/healthz HTTP/1.1\r\nX: 1") }

        let listener = try UnixListener(path: folder.socket)
        #expect(throws: HealthError.timedOut(path: folder.socket, after: .milliseconds(100))) {
            try client.get("/healthz")
        }
        // A child that another test starts just now may have it, too.
        shutdown(listener.descriptor, Int32(SHUT_RDWR))
        close(listener.descriptor)
        #expect(throws: HealthError.connectionRefused(path: folder.socket)) { try client.get("/healthz") }
    }

    @Test func anotherUserIsDenied() async throws {
        guard geteuid() == 0 else { return }
        let server = try TestServer()
        chmod(server.folder.path, 0o711)
        let path = server.folder.socket
        await #expect(processExitsWith: .success) { [path = path as String] in
            setgroups(0, nil)
            setgid(65_534)
            setuid(65_534)
            #expect(throws: HealthError.permissionDenied(path: path)) { try HealthClient(path: path).get("/healthz") }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 2), ("HTTP/1.1 200 OK\r\n\r\nuntil the end", 13),
        ("HTTP/1.0 404 Not Found\r\ncontent-length:0\r\n\r\n", 0),
    ])
    func parsesByteByByte(text: String, count: Int) throws {
        var parser = ReplyParser(limit: 1_000)
        var reply: HealthReply?
        for byte in text.utf8 where reply == nil { reply = try parser.receive([byte][...]) ?? parser.receive([]) }
        #expect(try (reply ?? parser.end()).body.count == count)
    }

    @Test(arguments: [
        "HTTP/2 200\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\n", "", "\r\n\r\n",
        String(repeating: "a", count: 20_000),
    ])
    func refusesWhatIsNoAnswer(text: String) {
        var parser = ReplyParser(limit: 100_000)
        #expect(throws: ReplyParser.Fault.malformed) {
            if try parser.receive(Array(text.utf8)[...]) == nil { _ = try parser.end() }
        }
    }

    @Test func refusesWhatIsTooLarge() {
        var parser = ReplyParser(limit: 100)
        #expect(throws: ReplyParser.Fault.tooLarge) {
            try parser.receive(Array("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n".utf8)[...])
        }
        var endless = ReplyParser(limit: 100)
        #expect(throws: ReplyParser.Fault.tooLarge) { try endless.receive([UInt8](repeating: 65, count: 101)[...]) }
    }
}
