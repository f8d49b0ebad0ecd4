import NIOHTTP1

/// Decides from a request's head alone whether the daemon is asked.
struct RequestCheck {
    enum Verdict: Equatable {
        /// Ask the daemon.
        case ask(HealthRequest, within: Duration? = nil)

        /// Answer so, once the request is complete.
        case refuse(HealthResponse, allow: String? = nil)

        /// Answer so at once and close, without reading the rest.
        case cut(HealthResponse)
    }

    /// What exists.
    let endpoints: [HealthEndpoint]

    /// Bytes of a body.
    let bodyLimit: Int

    /// - Parameter isTrusted: whether the client came by the Unix socket, and not by TCP.
    func verdict(on head: HTTPRequestHead, isTrusted: Bool = true) -> Verdict {
        if let length = head.headers.first(name: "content-length"), Int(length).map({ $0 > bodyLimit }) ?? true {
            return .cut(tooLarge)
        }
        if head.version != .http1_0, head.headers["host"].count != 1 {
            return .cut(HealthResponse(status: 400, text: "a request needs exactly one Host header"))
        }
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? ""
        guard let endpoint = endpoints.first(where: { $0.answers(path) }) else {
            let known = endpoints.map { "  " + $0.name }.joined(separator: "\n")
            return .refuse(HealthResponse(status: 404, text: "no such endpoint; there are:\n" + known))
        }
        guard endpoint.methods.contains(head.method.rawValue) else {
            let allowed = endpoint.methods.joined(separator: ", ")
            return .refuse(HealthResponse(status: 405, text: "only \(allowed)"), allow: allowed)
        }
        guard isTrusted || endpoint.isOpen else {
            return .refuse(HealthResponse(status: 403, text: "only over the Unix socket"))
        }
        let query = parts.count > 1 ? String(parts[1]) : nil
        let last = head.headers.first(name: "last-event-id")
        return .ask(
            HealthRequest(method: head.method.rawValue, path: path, query: query, lastEventID: last),
            within: endpoint.limit)
    }

    var tooLarge: HealthResponse {
        HealthResponse(status: 413, text: "a request body may have at most \(bodyLimit) bytes")
    }
}
