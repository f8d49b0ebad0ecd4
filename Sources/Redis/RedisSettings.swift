/// How to connect to a server.
public struct RedisSettings: Sendable, CustomStringConvertible {
    /// Where the server is, and as whom to speak to it.
    public var address: RedisAddress
    /// The password of a credential file; used when the address has none. Never printed.
    public var password: String?
    /// The name that `CLIENT LIST` shows; spaces become dashes; empty for none.
    public var clientName: String
    /// How long all of connecting may take, from the socket to the last answer of the handshake.
    public var connectTimeout: Duration
    /// How long the server may take for the oldest outstanding command, counted from when it was sent or from the
    /// answer before it.
    public var replyTimeout: Duration
    /// The most that one incomplete reply may hold, in bytes; more ends the connection.
    public var replyLimit: Int
    /// The kernel's send buffer in bytes (`SO_SNDBUF`); nil leaves the system's default.
    public var sendBufferSize: Int32?

    /// Makes settings; only the address has no default.
    public init(
        address: RedisAddress, password: String? = nil, clientName: String = "rekindle",
        connectTimeout: Duration = .seconds(5), replyTimeout: Duration = .seconds(5),
        replyLimit: Int = 64 << 20, sendBufferSize: Int32? = nil
    ) {
        self.address = address
        self.password = password
        self.clientName = clientName
        self.connectTimeout = connectTimeout
        self.replyTimeout = replyTimeout
        self.replyLimit = replyLimit
        self.sendBufferSize = sendBufferSize
    }

    /// The address alone, without any password.
    public var description: String { "RedisSettings(\(address))" }
}
