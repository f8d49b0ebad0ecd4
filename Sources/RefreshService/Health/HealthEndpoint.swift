/// One thing that can be asked of the server.
public struct HealthEndpoint: Sendable, Equatable {
    /// The path; one that ends in `/` stands for all that begin with it.
    public let path: String

    /// The methods that it takes.
    let methods: [String]

    /// How long the daemon may take to answer; nil for the server's usual limit.
    let limit: Duration?

    /// Whether TCP clients may ask, too; the others need the Unix socket, whose mode says who may.
    let isOpen: Bool

    /// An endpoint that is read, by everybody.
    public init(_ path: String) {
        self.init(path, methods: ["GET", "HEAD"], limit: nil, isOpen: true)
    }

    init(_ path: String, methods: [String], limit: Duration?, isOpen: Bool) {
        self.path = path
        self.methods = methods
        self.limit = limit
        self.isOpen = isOpen
    }

    /// The path as the manual spells it.
    public var name: String { path == "/regions/" ? "/regions/REGION/KEY" : path }

    /// Whether it answers requests for the path.
    func answers(_ path: String) -> Bool { self.path.hasSuffix("/") ? path.hasPrefix(self.path) : path == self.path }

    /// What has something done, or reads values: by the Unix socket only.
    ///
    /// The daemon answers each within the time that the request gives it, at most an hour, so the limit is behind that.
    static let control =
        ["/refresh", "/invalidate", "/warm", "/sync"].map {
            HealthEndpoint($0, methods: ["POST"], limit: .seconds(3_610), isOpen: false)
        } + [HealthEndpoint("/regions/", methods: ["GET", "HEAD"], limit: .seconds(3_610), isOpen: false)]
}
