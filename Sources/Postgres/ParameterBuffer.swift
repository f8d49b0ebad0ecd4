import Glibc

/// The text parameters of one or more executions, one behind the other in memory that is used again.
///
/// Append the bytes of a parameter in as many pieces as you like, then end it; it does not allocate once it has been
/// as large before. The caller bounds its size.
@safe public struct ParameterBuffer: ~Copyable {
    private var bytes: [UInt8] = []
    /// Where each ended parameter starts; `null` for NULL.
    private var starts: [Int] = []
    private var openStart = 0
    private var pointers: [UnsafePointer<CChar>?]
    private static var null: Int { -1 }

    /// Whether a parameter holds a zero byte, which Postgres' text cannot; such a buffer is refused when sent.
    public private(set) var containsNUL = false

    /// Makes an empty buffer.
    public init() { unsafe pointers = [] }

    /// How many parameters have been ended.
    public var count: Int { starts.count }
    /// How many bytes are held, one more for each parameter than it has itself.
    public var byteCount: Int { bytes.count }

    /// Adds one byte to the parameter being written.
    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Adds bytes to the parameter being written.
    public mutating func append(_ piece: RawSpan) {
        unsafe piece.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    }

    /// Adds the UTF-8 of a string to the parameter being written.
    public mutating func append(_ piece: String) { bytes.append(contentsOf: piece.utf8) }

    /// Ends the parameter being written, which may be empty; the next byte belongs to the next one.
    public mutating func endParameter() {
        let start = openStart
        let found = unsafe bytes.withUnsafeBytes { held in
            guard let base = held.baseAddress, held.count > start else { return false }
            return unsafe memchr(base + start, 0, held.count - start) != nil
        }
        if found { containsNUL = true }
        bytes.append(0)
        starts.append(openStart)
        openStart = bytes.count
    }

    /// Adds a whole parameter.
    public mutating func append(parameter: String) {
        append(parameter)
        endParameter()
    }

    /// Adds a parameter that is NULL, in place of what was written of it.
    public mutating func appendNull() {
        bytes.removeLast(bytes.count - openStart)
        starts.append(Self.null)
    }

    /// Empties it and keeps its memory.
    public mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        openStart = 0
        containsNUL = false
    }

    /// Calls `body` with a pointer to each parameter, and a nil pointer behind the last.
    mutating func withPointers<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result? {
        var list: [UnsafePointer<CChar>?] = unsafe []
        unsafe swap(&list, &pointers)
        defer { unsafe swap(&list, &pointers) }
        unsafe list.removeAll(keepingCapacity: true)
        return unsafe bytes.withUnsafeBytes { held in
            for start in starts {
                let text = unsafe start == Self.null ? nil : held.baseAddress.map { unsafe $0 + start }
                unsafe list.append(text?.assumingMemoryBound(to: CChar.self))
            }
            unsafe list.append(nil)
            return unsafe list.withUnsafeBufferPointer { unsafe $0.baseAddress.map { unsafe body($0) } }
        }
    }
}
