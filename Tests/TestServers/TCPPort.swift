/// Ports for servers that can not be told to take any.
package enum TCPPort {
    /// A port of this machine that was free a moment ago.
    package static func free() throws -> UInt16 { try RedisServerFolder.freePort() }
}
