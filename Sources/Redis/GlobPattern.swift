/// A pattern as `SCAN … MATCH` and `KEYS` take it, of any bytes.
public struct GlobPattern: Sendable, Equatable {
    /// The pattern as the server gets it.
    public let bytes: [UInt8]

    /// Takes a pattern as it is, with its wildcards.
    public init(_ pattern: String) { bytes = Array(pattern.utf8) }

    /// Matches every key that begins with `prefix`, taken literally.
    public init(prefix: some Sequence<UInt8>) { bytes = Self.escape(prefix) + [UInt8(ascii: "*")] }

    /// Puts a backslash before every byte that is special in a pattern.
    public static func escape(_ literal: some Sequence<UInt8>) -> [UInt8] {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(literal.underestimatedCount)
        for byte in literal {
            switch byte {
            case UInt8(ascii: "*"), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "\\"):
                escaped.append(UInt8(ascii: "\\"))
            default: break
            }
            escaped.append(byte)
        }
        return escaped
    }
}
