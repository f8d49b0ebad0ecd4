/// Where a Redis server is, which of its databases is meant, and as whom to speak to it.
public struct RedisAddress: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible {
    /// How the server is reached.
    public enum Endpoint: Sendable, Equatable {
        /// A Unix socket's path.
        case unix(path: String)
        /// A name or a numeric address (IPv6 without brackets), and a port.
        case tcp(host: String, port: UInt16)
    }

    /// How the server is reached.
    public var endpoint: Endpoint
    /// The ACL user; nil for the default one.
    public var user: String?
    /// The password from the URL; never part of a description.
    public var password: String?
    /// The database's number.
    public var database: Int

    /// Makes an address from its parts.
    public init(endpoint: Endpoint, user: String? = nil, password: String? = nil, database: Int = 0) {
        self.endpoint = endpoint
        self.user = user
        self.password = password
        self.database = database
    }

    /// The address as a URL without the password.
    public var description: String {
        let name = user.map { $0 + "@" } ?? ""
        switch endpoint {
        case .unix(let path):
            return "unix://\(name)\(path)" + (database == 0 ? "" : "?db=\(database)")
        case .tcp(let host, let port):
            let host = host.contains(":") ? "[\(host)]" : host
            return "redis://\(name)\(host):\(port)" + (database == 0 ? "" : "/\(database)")
        }
    }

    /// The same as `description`.
    public var debugDescription: String { description }
}
