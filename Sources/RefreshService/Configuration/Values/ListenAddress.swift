/// A TCP address to listen on: `127.0.0.1:9187`, `[::1]:9187`, `localhost:9187`.
public struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
    /// A name, an IPv4 address, or an IPv6 address without its brackets.
    public let host: String
    /// 1 to 65535.
    public let port: UInt16

    /// Takes both as they are.
    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    init(_ text: String) throws(Complaint) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(decimal: text[text.index(after: colon)...]),
            port > 0, let host = Self.host(text[..<colon])
        else { throw Complaint("must be a host and a port, such as \"127.0.0.1:9187\" or \"[::1]:9187\"") }
        self.init(host: host, port: port)
    }

    private static func host(_ text: Substring) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]"), text.count > 2 { return String(text.dropFirst().dropLast()) }
        let isPlain = !text.isEmpty && text.allSatisfy { !$0.isWhitespace && !":[]/@".contains($0) }
        return isPlain ? String(text) : nil
    }

    /// The spelling of the configuration.
    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension FixedWidthInteger {
    /// Digits only, where `init(_:)` takes signs too.
    init?(decimal text: some StringProtocol) {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        self.init(String(text))
    }
}
