/// An immutable run of bytes, compared and hashed as bytes.
///
/// Keys, payloads and parameters are bytes and not `String`s: two Strings are equal when they are canonically
/// equivalent, and Redis and Postgres tell such texts apart.
public struct Bytes: Hashable, Sendable {
    /// The bytes.
    public let storage: [UInt8]

    /// The bytes.
    public var count: Int { storage.count }
    /// The bytes.
    public var isEmpty: Bool { storage.isEmpty }

    /// The bytes.
    public init(_ storage: [UInt8]) { self.storage = storage }
    /// The bytes.
    public init(_ text: String) { storage = Array(text.utf8) }

    /// No bytes.
    public static let empty = Bytes([])
}

extension Bytes: CustomStringConvertible {
    /// The bytes as text, with a replacement character where they are not UTF-8.
    public var description: String { String(decoding: storage, as: UTF8.self) }
}
