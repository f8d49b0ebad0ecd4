/// One request to the daemon: for its state, for a value, or for something to be done.
public struct HealthRequest: Sendable, Equatable {
    /// Whether it asks to follow events, which is answered without an end.
    var isFollowing: Bool { path == "/events" && method == "GET" }

    /// `GET`, `HEAD` or `POST`; a HEAD is answered like a GET, the server leaves the body out.
    public let method: String

    /// The path without the query, as the client sent it: of one of the server's endpoints.
    public let path: String

    /// What stood behind the first `?`, undecoded; nil without one.
    public let query: String?

    /// The `Last-Event-ID` header, by which a client of `/events` goes on where it was; nil without one.
    public let lastEventID: String?

    /// A request with the parts given.
    public init(method: String, path: String, query: String? = nil, lastEventID: String? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.lastEventID = lastEventID
    }
}
