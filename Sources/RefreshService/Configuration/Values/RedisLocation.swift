/// Where Redis is and who to be there: `unix:///path?db=0`, `redis://user@host:6379/0`.
public struct RedisLocation: Sendable, Equatable, CustomStringConvertible {
    /// What to connect to.
    public enum Endpoint: Sendable, Equatable {
        /// The path of a Unix socket.
        case unix(String)
        /// A name or address, without brackets, and a port.
        case tcp(host: String, port: UInt16)
    }

    /// The socket or the host.
    public let endpoint: Endpoint
    /// Who to authenticate as; nil is Redis' default user.
    public let user: String?
    /// The password of the URL; a credential is better, and takes its place.
    public let password: Secret?
    /// The number of the database to SELECT.
    public let database: Int

    /// The socket of Debian's redis-server.
    static let local = RedisLocation(socket: "/run/redis/redis-server.sock")

    private init(socket: String) {
        endpoint = .unix(socket)
        (user, password, database) = (nil, nil, 0)
    }

    init(_ text: String) throws(Complaint) {
        guard let locator = LocatorText(text) else {
            throw Complaint("must be a URL such as \"unix:///run/redis/redis-server.sock\" or \"redis://host:6379/0\"")
        }
        switch locator.scheme {
        case "unix":
            guard locator.authority.isEmpty, locator.path.count > 1, let path = locator.path.percentDecoded() else {
                throw Complaint("must name an absolute path, as in \"unix:///run/redis/redis-server.sock\"")
            }
            endpoint = .unix(path)
            database = try Self.database(inQueryOf: locator) ?? 0
        case "redis":
            endpoint = try Self.tcp(locator.authority)
            let path = locator.path.dropFirst()
            database = try path.isEmpty ? Self.database(inQueryOf: locator) ?? 0 : Self.database(path)
        case "rediss":
            throw Complaint("asks for TLS, which is not supported; use unix://, or redis:// in a trusted network")
        default:
            throw Complaint("has an unknown scheme; use unix:// or redis://")
        }
        (user, password) = try Self.credentials(locator)
    }

    private static func tcp(_ authority: String) throws(Complaint) -> Endpoint {
        if authority.isEmpty { return .tcp(host: "localhost", port: 6379) }
        let hasPort = authority.lastIndex(of: ":").map { !authority[$0...].contains("]") } ?? false
        do throws(Complaint) {
            let address = try ListenAddress(hasPort ? authority : authority + ":6379")
            return .tcp(host: address.host, port: address.port)
        } catch {
            throw Complaint("must name a host and perhaps a port, as in \"redis://cache.example:6379/0\"")
        }
    }

    private static func credentials(_ locator: LocatorText) throws(Complaint) -> (user: String?, password: Secret?) {
        guard let user = (locator.user ?? "").percentDecoded(),
            let password = (locator.password ?? "").percentDecoded()
        else { throw Complaint("has a '%' before the '@' that is not followed by two hex digits; write it as %25") }
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : Secret(Array(password.utf8)))
    }

    private static func database(inQueryOf locator: LocatorText) throws(Complaint) -> Int? {
        if let other = locator.query.first(where: { $0.name != "db" }) {
            throw Complaint("has an unknown parameter \(other.name.quoted); the only one is \"db\"")
        }
        guard let pair = locator.query.last else { return nil }
        return try database(pair.value)
    }

    private static func database(_ text: some StringProtocol) throws(Complaint) -> Int {
        guard let number = Int(decimal: text), number <= 65_535 else {
            throw Complaint("must name the database by its number, from 0")
        }
        return number
    }

    /// The endpoint and database, without user and password.
    public var description: String {
        switch endpoint {
        case .unix(let path): "unix://\(path)?db=\(database)"
        case .tcp(let host, let port): "redis://\(ListenAddress(host: host, port: port))/\(database)"
        }
    }
}
