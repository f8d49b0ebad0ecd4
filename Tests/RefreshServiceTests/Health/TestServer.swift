import Testing

@testable import RefreshService

/// A health server on a socket of its own, shut down with the test.
final class TestServer {
    let folder: ScratchFolder
    let server: HealthServer

    /// A server whose daemon answers `GET /healthz?q` with those words.
    init(
        limits: HealthLimits = HealthLimits(), others: [HealthListener] = [],
        respond: @escaping HealthServer.Respond = { request, answer in
            let query = request.query.map { "?" + $0 } ?? ""
            answer(HealthResponse(status: 200, text: "\(request.method) \(request.path)\(query)"))
        }
    ) throws {
        folder = try ScratchFolder()
        server = try HealthServer.start(
            listeners: [.unixSocket(path: folder.socket)] + others, limits: limits, respond: respond)
    }

    deinit { server.shutdown() }

    func client() throws -> RawClient {
        try RawClient(path: folder.socket)
    }
}
