/// A Postgres array in its text form, `{1,2,3}` or `{"a b","\"c\""}`, written element by element.
///
/// Elements of integers, booleans and uuids stand bare; they must have been found canonical before. All others are
/// quoted, so that an empty text, the word NULL, braces, commas, quotes and backslashes are themselves. An element
/// is never SQL's NULL and must hold no NUL byte. Reuse one buffer by `removeAll()`.
public struct ArrayLiteral: Sendable {
    /// The literal, up to what was appended; only after `close()` is it whole. It has no NUL behind it.
    public private(set) var bytes: [UInt8] = [UInt8(ascii: "{")]
    private let quoted: Bool

    /// Begins a literal whose elements are of `type`.
    public init(of type: ParameterType) { quoted = type.needsQuotes }

    /// Appends one element.
    public mutating func append(_ element: borrowing Span<UInt8>) {
        if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
        if !quoted { return unsafe element.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) } }
        bytes.append(UInt8(ascii: "\""))
        for index in element.indices {
            let byte = element[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends one element.
    public mutating func append(_ element: Bytes) { element.withSpan { append($0) } }

    /// Ends the literal; nothing may be appended after it.
    public mutating func close() { bytes.append(UInt8(ascii: "}")) }

    /// Begins a new literal, keeping the buffer's memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "{"))
    }
}
