import Reactor

/// The keywords and values that libpq is given, in its order: a later one goes before an earlier one.
struct ConnectionParameters: ~Copyable {
    var keywords = ParameterBuffer()
    var values = ParameterBuffer()

    /// Puts the defaults ahead of the URL, which overrides them, and what the daemon relies on behind it.
    init(_ settings: PostgresSettings) throws(PostgresError) {
        if let password = settings.password { add("password", password) }
        add("fallback_application_name", settings.applicationName)
        // A peer that vanishes is noticed within half a minute, whether we wait for it or it waits for us.
        add("keepalives_idle", "10")
        add("keepalives_interval", "5")
        add("keepalives_count", "3")
        add("tcp_user_timeout", String(Self.hostTimeout(settings)))
        add("dbname", settings.url)
        add("client_encoding", "UTF8")
        if values.containsNUL { throw .invalidSettings("The Postgres URL, password or name holds a zero byte.") }
    }

    /// How long, in milliseconds, data may stay unacknowledged; it holds for the handshake of each host as well, so
    /// that a host that answers nothing leaves time for the next one.
    static func hostTimeout(_ settings: PostgresSettings) -> Int64 {
        let hosts = 1 + settings.url.utf8.count { $0 == UInt8(ascii: ",") }
        let whole = min(settings.connectTimeout.nanoseconds / 1_000_000, 30_000)
        return max(whole / Int64(hosts), 1000)
    }

    private mutating func add(_ keyword: String, _ value: String) {
        keywords.append(keyword)
        keywords.endParameter()
        values.append(value)
        values.endParameter()
    }

    private mutating func add(_ keyword: String, _ value: [UInt8]) {
        keywords.append(keyword)
        keywords.endParameter()
        unsafe values.append(value.span.bytes)
        values.endParameter()
    }
}
