import NIOHTTP1

/// Decides from a request's head alone whether the daemon is asked.
struct RequestCheck {
    enum Verdict: Equatable {
        /// Ask the daemon.
        case ask(HealthRequest)

        /// Answer so, once the request is complete.
        case refuse(HealthResponse, allow: String? = nil)

        /// Answer so at once and close, without reading the rest.
        case cut(HealthResponse)
    }

    static let allowed = "GET, HEAD"

    /// The paths that exist.
    let endpoints: [String]

    /// Bytes of a body.
    let bodyLimit: Int

    func verdict(on head: HTTPRequestHead) -> Verdict {
        if let length = head.headers.first(name: "content-length"), Int(length).map({ $0 > bodyLimit }) ?? true {
            return .cut(tooLarge)
        }
        if head.version != .http1_0, head.headers["host"].count != 1 {
            return .cut(HealthResponse(status: 400, text: "a request needs exactly one Host header"))
        }
        let parts = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts.first.map(String.init) ?? ""
        guard endpoints.contains(path) else {
            let known = endpoints.map { "  " + $0 }.joined(separator: "\n")
            return .refuse(HealthResponse(status: 404, text: "no such endpoint; there are:\n" + known))
        }
        guard head.method == .GET || head.method == .HEAD else {
            return .refuse(HealthResponse(status: 405, text: "only \(Self.allowed)"), allow: Self.allowed)
        }
        let query = parts.count > 1 ? String(parts[1]) : nil
        let last = head.headers.first(name: "last-event-id")
        return .ask(HealthRequest(method: head.method.rawValue, path: path, query: query, lastEventID: last))
    }

    var tooLarge: HealthResponse {
        HealthResponse(status: 413, text: "a request body may have at most \(bodyLimit) bytes")
    }
}
