extension Configuration.Service {
    init(_ table: TableReader<ServiceKey>) {
        name = table.parsed(.name, by: Self.checked) ?? "rekindle"
        ready = table.choice(.ready, of: Configuration.Readiness.self) ?? .warm
        logLevel = table.choice(.logLevel, of: Configuration.LogLevel.self) ?? .info
        queueBytes = table.bytes(.queueBytes, in: 64 << 10...64 << 30) ?? 32 << 20
        drainTimeout = .milliseconds(table.milliseconds(.drainTimeout, in: 0...3_600_000) ?? 10_000)
        heartbeat = .milliseconds(table.milliseconds(.heartbeat, in: 100...3_600_000) ?? 1_000)
    }

    private static func checked(_ name: String) throws(Complaint) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "._:@-".utf8.contains(byte)
            }
        }
        guard isPlain, (1...48).contains(name.utf8.count) else {
            throw Complaint("must be 1 to 48 letters, digits or characters of ._:@-")
        }
        return name
    }
}

extension Configuration.Postgres {
    static let defaultCredential = "postgres-password"

    init(_ table: TableReader<PostgresKey>, credentials: Credentials) {
        url = table.parsed(.url) { text throws(Complaint) in try PostgresLocation(text) } ?? .none
        workers = table.integer(.workers, in: 1...64) ?? 2
        statementTimeout = .milliseconds(table.milliseconds(.statementTimeout, in: 1...86_400_000) ?? 30_000)
        password = table.secret(.passwordCredential, default: Self.defaultCredential, of: credentials)
        if url.hasPassword {
            table.warn(.url, "holds a password; \(credentialAdvice("postgres", Self.defaultCredential))")
        }
    }
}

extension Configuration.Redis {
    static let defaultCredential = "redis-password"

    init(_ table: TableReader<RedisKey>, credentials: Credentials) {
        url = table.parsed(.url) { text throws(Complaint) in try RedisLocation(text) } ?? .local
        let credential = table.secret(.passwordCredential, default: Self.defaultCredential, of: credentials)
        password = credential ?? url.password
        if url.password != nil {
            table.warn(.url, "holds a password; \(credentialAdvice("redis", Self.defaultCredential))")
        }
    }
}

extension Configuration.Health {
    init(_ table: TableReader<HealthKey>) {
        socket = table.parsed(.socket, by: Self.checked) ?? "/run/rekindle/rekindle.sock"
        listen = table.parsed(.listen) { text throws(Complaint) in try ListenAddress(text) }
        followers = table.integer(.followers, in: 0...10_000) ?? HealthLimits().followers
        allowOrigin = table.parsed(.allowOrigin, by: Self.origin)
    }

    /// An origin as browsers spell it: a scheme and a host, with a port if it is not the usual one, and no path.
    private static func origin(_ text: String) throws(Complaint) -> String {
        if text == "*" { return text }
        let hosts = ["https://", "http://"].filter { text.hasPrefix($0) }.map { text.dropFirst($0.utf8.count) }
        guard let host = hosts.first, !host.isEmpty,
            host.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"/?#@\\\"'<>,;".utf8.contains($0) })
        else { throw Complaint("must be an origin such as \"https://shop.example\", or \"*\"") }
        return text
    }

    private static func checked(_ path: String) throws(Complaint) -> String {
        guard path.hasPrefix("/") else { throw Complaint("must be an absolute path") }
        // What fits into sockaddr_un with its NUL.
        guard path.utf8.count <= 107 else { throw Complaint("must be at most 107 bytes long, as Unix sockets are") }
        return path
    }
}

private func credentialAdvice(_ section: String, _ name: String) -> String {
    "put it into a file and LoadCredential=\(name):/path/of/the/file into the unit, "
        + "where [\(section)] password_credential finds it"
}

extension TableReader {
    /// The secret of the credential that a key names, or of a default name, which need not exist.
    fileprivate func secret(_ key: Key, default name: String, of credentials: Credentials) -> Secret? {
        let named = string(key)
        if has(key), named == nil { return nil }
        do throws(Complaint) {
            return try credentials.secret(named ?? name, mustExist: has(key))
        } catch {
            fault(key, error.text)
            return nil
        }
    }
}
