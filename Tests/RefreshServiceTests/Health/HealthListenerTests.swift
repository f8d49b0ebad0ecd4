import Glibc
import Testing

@testable import RefreshService

@Suite struct HealthListenerTests {
    private let silent: HealthServer.Respond = { _, _ in }

    @Test func theSocketFileHasItsModeAndGoesAway() throws {
        let server = try TestServer()
        var status = stat()
        #expect(lstat(server.folder.socket, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o660)
        server.server.shutdown()
        #expect(access(server.folder.socket, F_OK) != 0)
    }

    @Test func aStaleFileIsReplacedAndALiveOneIsNot() throws {
        let folder = try ScratchFolder()
        let stale = try UnixListener(path: folder.socket)
        #expect(throws: HealthError.pathServed(path: folder.socket)) { try UnixListener(path: folder.socket) }
        close(stale.descriptor)
        #expect(access(folder.socket, F_OK) == 0)

        let server = try HealthServer.start(
            listeners: [.unixSocket(path: folder.socket)],
            respond: { _, answer in answer(HealthResponse(status: 200, text: "first")) })
        #expect(throws: HealthError.pathServed(path: folder.socket)) {
            try HealthServer.start(listeners: [.unixSocket(path: folder.socket)], respond: silent)
        }
        // The refused one left the file alone, and so does the owner of a file that is no longer there.
        stale.removeFile()
        #expect(try HealthClient(path: folder.socket).get("/healthz").body == Array("first\n".utf8))
        server.shutdown()
    }

    @Test func somethingElseAtThePathIsLeftAlone() throws {
        let folder = try ScratchFolder()
        close(creat(folder.socket, 0o600))
        #expect(throws: HealthError.pathOccupied(path: folder.socket)) {
            try HealthServer.start(listeners: [.unixSocket(path: folder.socket)], respond: silent)
        }
        #expect(access(folder.socket, F_OK) == 0)
    }

    @Test func onlyOneProcessClaimsADirectoryAtATime() throws {
        let folder = try ScratchFolder()
        let claim = try DirectoryClaim(of: folder.socket)
        #expect(throws: HealthError.pathServed(path: folder.socket)) { try UnixListener(path: folder.socket) }
        claim.release()
        let listener = try UnixListener(path: folder.socket)
        close(listener.descriptor)
    }

    @Test func unusablePlacesAreNamed() throws {
        let folder = try ScratchFolder()
        let long = folder.path + "/" + String(repeating: "a", count: 100)
        for (listener, part) in [
            (HealthListener.unixSocket(path: long), "107 bytes"),
            (.unixSocket(path: "/nonexistent/x"), "/nonexistent/x"),
            (.inherited(descriptor: -1), "descriptor -1"), (.inherited(descriptor: 9_999), "descriptor 9999"),
            (.tcp(host: "127.0.0.1", port: 70_000), "127.0.0.1:70000"),
            (.tcp(host: "192.0.2.1", port: 0), "192.0.2.1:0"),
        ] {
            let error = #expect(throws: HealthError.self) {
                try HealthServer.start(listeners: [.unixSocket(path: folder.socket), listener], respond: silent)
            }
            #expect(error?.description.contains(part) == true)
            // What was up already is taken back.
            #expect(access(folder.socket, F_OK) != 0)
        }
    }

    @Test func anInheritedSocketIsServedAndItsFileStays() throws {
        let folder = try ScratchFolder()
        let listener = try UnixListener(path: folder.socket)
        let server = try HealthServer.start(
            listeners: [.inherited(descriptor: listener.descriptor)],
            respond: { _, answer in answer(HealthResponse(status: 200, text: "inherited")) })
        #expect(try HealthClient(path: folder.socket).get("/healthz").body == Array("inherited\n".utf8))
        server.shutdown()
        #expect(access(folder.socket, F_OK) == 0)
    }

    @Test func aDescriptorThatIsNoSocketIsRefused() throws {
        let descriptor = open("/dev/null", O_RDONLY)
        #expect(throws: HealthError.self) {
            try HealthServer.start(listeners: [.inherited(descriptor: descriptor)], respond: silent)
        }
    }

    @Test func tcpIsServedToo() throws {
        let server = try TestServer(others: [.tcp(host: "127.0.0.1", port: 0)])
        let client = try RawClient(port: try #require(server.server.tcpPorts.first))
        client.get("/readyz")
        #expect(client.answer()?.body == "GET /readyz\n")
    }
}
