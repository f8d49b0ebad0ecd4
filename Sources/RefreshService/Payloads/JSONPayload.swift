import CParsers

/// What stands at a path of a JSON payload.
public enum JSONKind: Sendable, Equatable {
    /// The path leads nowhere; no bytes.
    case absent
    /// `null`; the bytes are its spelling.
    case null
    /// A string; the bytes are its text, unescaped. They may hold a NUL.
    case string
    /// A number; the bytes are its spelling, so that no digit is lost.
    case number
    /// `true` or `false`; the bytes are its spelling.
    case boolean
    /// An object or array; the bytes are its JSON, of which only the nesting was looked at.
    case container
    /// The payload, as far as the path leads through it, is not JSON; no bytes.
    case malformed
}

/// Reads fields out of JSON payloads, with one parser and one buffer for all of them.
///
/// Belongs to one isolation and is not `Sendable`. A payload is checked as far as it must be read: all of it for
/// UTF-8 and open strings, the way to a value for grammar, the value itself wholly unless it is a container. No
/// input makes it trap.
@safe public final class JSONReader {
    private let reader: OpaquePointer

    /// The longest payload that a reader takes, in bytes.
    public let longest: Int
    /// How long the open payload is.
    private var length = 0

    /// Makes a reader; nil when there is no memory for it.
    ///
    /// Postgres sends at most 7,999 bytes of the database's encoding, which as UTF-8 can be three times as many.
    public init?(longest: Int = 24_576) {
        guard longest > 0, longest <= 1 << 30, let made = unsafe rk_json_create(longest) else { return nil }
        unsafe reader = made
        self.longest = longest
    }

    deinit { unsafe rk_json_destroy(reader) }

    /// Takes a copy of a payload; false when it is empty, too long, not UTF-8 or has a string that does not end.
    ///
    /// After false, and before the first call, every `find` says `malformed`.
    @discardableResult
    public func open(_ payload: UnsafeRawBufferPointer) -> Bool {
        length = payload.count
        return unsafe rk_json_open(reader, payload.assumingMemoryBound(to: UInt8.self).baseAddress, length)
    }

    /// Hands what stands at a path of the open payload to a closure; paths may come in any order.
    ///
    /// The bytes are borrowed: they are gone with the return of the closure, which must not call the reader.
    public func find<Answer, Failure: Error>(
        _ path: JSONPath, _ body: (JSONKind, UnsafeRawBufferPointer) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let value = unsafe path.steps.withUnsafeBufferPointer { steps in
            unsafe rk_json_find(reader, steps.baseAddress, steps.count)
        }
        return try unsafe body(
            Self.kind(value.kind), UnsafeRawBufferPointer(start: value.text.bytes, count: value.text.count))
    }

    /// Where the elements of the open payload lie in its bytes, without the space around them; nil when the whole
    /// payload is no array. The inside of an element is not looked at.
    public func elements() -> [Range<Int>]? {
        // An element and its comma, or its bracket, are two bytes at least.
        var isArray = false
        let found = unsafe [rk_json_extent](unsafeUninitializedCapacity: length / 2 + 1) { extents, count in
            let found = unsafe rk_json_elements(reader, extents.baseAddress, extents.count)
            isArray = found >= 0
            count = isArray ? found : 0
        }
        return isArray ? found.map { Int($0.start)..<Int($0.start + $0.count) } : nil
    }

    private static func kind(_ kind: rk_json_kind) -> JSONKind {
        switch kind {
        case RK_JSON_ABSENT: .absent
        case RK_JSON_NULL: .null
        case RK_JSON_STRING: .string
        case RK_JSON_NUMBER: .number
        case RK_JSON_BOOLEAN: .boolean
        case RK_JSON_CONTAINER: .container
        default: .malformed
        }
    }
}
