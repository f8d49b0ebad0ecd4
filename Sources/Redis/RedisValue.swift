/// A reply as a value of its own, for commands where a copy does not matter.
public enum RedisValue: Sendable, Equatable {
    /// No such key, or an empty answer.
    case null
    /// An integer reply.
    case integer(Int64)
    /// A status or a string of any bytes.
    case bytes([UInt8])
    /// Several replies.
    case array([RedisValue])

    /// The reply as text, when it is bytes of valid UTF-8 or an integer.
    public var text: String? {
        switch self {
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .integer(let number): String(number)
        case .null, .array: nil
        }
    }

    /// The reply's bytes, when it is a status or a string.
    public var bytes: [UInt8]? {
        if case .bytes(let bytes) = self { bytes } else { nil }
    }

    /// The reply's integer, also when it comes as decimal text.
    public var integer: Int64? {
        if case .integer(let number) = self { number } else { text.flatMap { Int64($0) } }
    }

    /// The replies inside, when there are several.
    public var elements: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }
}
