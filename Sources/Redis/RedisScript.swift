public import Reactor

/// A Lua script that runs inside the server; loaded once per server, then called by its digest.
///
/// One object serves any number of connections, for the digest depends on the source alone.
@Loop
public final class RedisScript {
    /// The Lua source.
    public nonisolated let source: String
    /// The server's SHA1 of the source in hexadecimal; nil until it was loaded for the first time.
    public internal(set) var digest: [UInt8]?

    /// Takes a script's source; nothing is sent until it is loaded.
    public nonisolated init(_ source: String) { self.source = source }
}
