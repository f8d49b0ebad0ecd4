/// The answer to one request.
public struct HealthResponse: Sendable, Equatable {
    /// The HTTP status, 200 to 599; anything else goes out as 500.
    public let status: Int

    /// The media type of the body.
    public let contentType: String

    /// The body, sent as it is.
    public let body: [UInt8]

    /// Further headers: names and values of printable ASCII.
    public var headers: [Header] = []

    /// One header.
    public struct Header: Sendable, Equatable {
        let name: String
        let value: String
    }
    /// The origin whose pages may read the answer, or `*`; nil for none but the server's own.
    var allowedOrigin: String?

    /// What the client follows from now on, in place of a body.
    let following: Following?

    /// An answer with the parts given.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
        following = nil
    }

    /// The beginning of an answer that goes on with what is followed.
    init(following: Following) {
        status = 200
        contentType = "text/event-stream"
        body = []
        self.following = following
    }

    /// An answer of one line of text.
    public init(status: Int, text: String) {
        self.init(status: status, contentType: "text/plain; charset=utf-8", body: Array((text + "\n").utf8))
    }
}
