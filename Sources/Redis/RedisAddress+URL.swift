extension RedisAddress {
    /// The port that a URL without one means.
    public static let defaultPort: UInt16 = 6379

    /// Reads `unix:///path?db=1`, `unix://user:password@/path` or `redis://user:password@host:port/db`.
    ///
    /// User, password, host and path may be percent-encoded, an IPv6 address stands in brackets, the database may be
    /// given as `?db=` everywhere. Throws `badURL`, whose description names the fault and repeats nothing of the URL.
    public init(_ url: String) throws(RedisError) {
        let parts = try Parts(url)
        let (user, password) = try Self.credentials(parts.userInfo)
        let endpoint: Endpoint
        let database: Int
        switch parts.scheme {
        case "unix":
            guard parts.host.isEmpty else {
                throw .badURL("a unix:// URL has no host; its path begins with a third slash")
            }
            endpoint = .unix(path: try Self.socketPath(parts.path))
            database = try Self.database(path: "", query: parts.query)
        case "redis":
            endpoint = try Self.hostAndPort(parts.host)
            database = try Self.database(path: parts.path, query: parts.query)
        case "rediss":
            throw .badURL("rediss:// (TLS) is not supported; use redis:// or unix://")
        default:
            throw .badURL("its scheme is not known; use unix:// or redis://")
        }
        self.init(endpoint: endpoint, user: user, password: password, database: database)
    }

    /// The pieces of a URL, still percent-encoded.
    private struct Parts {
        let scheme: String
        var userInfo: Substring?
        let host: Substring
        let path: Substring
        let query: Substring

        init(_ url: String) throws(RedisError) {
            guard let separator = url.firstIndex(of: ":"), url[separator...].hasPrefix("://") else {
                throw .badURL("it does not begin with unix:// or redis://")
            }
            scheme = url[..<separator].lowercased()
            let rest = url[url.index(separator, offsetBy: 3)...]
            if rest.contains("#") { throw .badURL("it has a fragment; write a # in a password as %23") }
            let beforeQuery = rest.prefix { $0 != "?" }
            query = rest[beforeQuery.endIndex...].dropFirst()
            let authority = beforeQuery.prefix { $0 != "/" }
            path = beforeQuery[authority.endIndex...]
            // The last @, so that an unescaped one in a password is read as it was meant.
            if let at = authority.lastIndex(of: "@") {
                userInfo = authority[..<at]
                host = authority[authority.index(after: at)...]
            } else {
                host = authority
            }
        }
    }

    private static func credentials(_ text: Substring?) throws(RedisError) -> (user: String?, password: String?) {
        guard let text else { return (nil, nil) }
        let name = text.prefix { $0 != ":" }
        let user = try decode(name, "user")
        if name.endIndex == text.endIndex { return (user.isEmpty ? nil : user, nil) }
        let password = try decode(text[name.endIndex...].dropFirst(), "password")
        return (user.isEmpty ? nil : user, password.isEmpty ? nil : password)
    }

    private static func socketPath(_ text: Substring) throws(RedisError) -> String {
        let path = try decode(text, "path")
        guard path.utf8.count > 1 else { throw .badURL("it has no path to a socket") }
        guard path.utf8.count < 108 else { throw .badURL("its socket path is longer than 107 bytes") }
        return path
    }

    private static func hostAndPort(_ text: Substring) throws(RedisError) -> Endpoint {
        let host: Substring
        let rest: Substring
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { throw .badURL("an IPv6 address lacks its closing bracket") }
            host = text[..<end].dropFirst()
            rest = text[end...].dropFirst()
            guard rest.isEmpty || rest.first == ":" else {
                throw .badURL("after an IPv6 address only a port may stand")
            }
        } else {
            host = text.prefix { $0 != ":" }
            rest = text[host.endIndex...]
            if rest.dropFirst().contains(":") {
                throw .badURL(
                    "its host has several colons; put an IPv6 address in brackets, and write : in a user as %3A")
            }
        }
        let name = try decode(host, "host")
        if rest.isEmpty { return .tcp(host: name.isEmpty ? "localhost" : name, port: defaultPort) }
        guard let port = UInt16(rest.dropFirst()), port > 0 else {
            throw .badURL("its port is no number from 1 to 65535; in a password, write / ? # : @ percent-encoded")
        }
        return .tcp(host: name.isEmpty ? "localhost" : name, port: port)
    }

    private static func database(path: Substring, query: Substring) throws(RedisError) -> Int {
        var number: Int?
        let path = path.dropFirst()
        if !path.isEmpty { number = try databaseNumber(path) }
        for option in query.split(separator: "&") {
            guard option.hasPrefix("db=") else {
                throw .badURL("it has an unknown option after the ?; the only one is db")
            }
            let given = try databaseNumber(option.dropFirst(3))
            if let number, number != given { throw .badURL("it names two databases") }
            number = given
        }
        return number ?? 0
    }

    private static func databaseNumber(_ text: Substring) throws(RedisError) -> Int {
        guard let number = UInt16(text) else { throw .badURL("its database is no number from 0 to 65535") }
        return Int(number)
    }

    private static func decode(_ text: Substring, _ part: StaticString) throws(RedisError) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            if byte != UInt8(ascii: "%") {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexDigit), let low = rest.popFirst().flatMap(hexDigit) else {
                throw .badURL("its \(part) has a % that two hexadecimal digits do not follow; write a % as %25")
            }
            bytes.append(high << 4 | low)
        }
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw .badURL("its \(part) is not text in UTF-8")
        }
        return decoded
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension RedisError {
    fileprivate static func badURL(_ fault: String) -> RedisError { RedisError(.badURL, fault) }
}
