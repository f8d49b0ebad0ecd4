import CHiredis

/// One reply, lent to the closure that waits for it; it lives as long as that closure runs.
///
/// Either what the server sent, or the failure that came in its place. It can be neither copied nor kept: take out
/// of it what is needed.
@safe public struct RedisReply: ~Copyable {
    private let raw: UnsafeMutablePointer<redisReply>?
    private let failure: RedisError?
    private let place: String

    fileprivate init(_ raw: UnsafeMutablePointer<redisReply>?, at place: String) {
        unsafe self.raw = raw
        self.failure = nil
        self.place = place
    }

    /// A failure in place of a reply.
    init(failure: RedisError) {
        unsafe self.raw = nil
        self.failure = failure
        self.place = failure.place
    }

    private var type: Int32 {
        guard let raw = unsafe raw else { return REDIS_REPLY_NIL }
        return unsafe raw.pointee.type
    }

    /// What went wrong, when it did: an error reply of the server, or the connection's failure.
    public var error: RedisError? {
        if let failure { return failure }
        if type != REDIS_REPLY_ERROR { return nil }
        return RedisError(serverText: text, at: place)
    }

    /// Whether the server answered that there is nothing.
    public var isNull: Bool { failure == nil && type == REDIS_REPLY_NIL }

    /// The integer, when it is one.
    public var integer: Int64? {
        guard let raw = unsafe raw, type == REDIS_REPLY_INTEGER else { return nil }
        return unsafe Int64(raw.pointee.integer)
    }

    /// How many replies it holds, when it is an array.
    public var elementCount: Int? {
        guard let raw = unsafe raw, type == REDIS_REPLY_ARRAY else { return nil }
        return unsafe Int(raw.pointee.elements)
    }

    /// Lends the bytes of a string or a status; nil when it is neither. They are valid in `body` only.
    public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result? {
        guard let raw = unsafe raw, type == REDIS_REPLY_STRING || type == REDIS_REPLY_STATUS else { return nil }
        return try unsafe body(UnsafeRawBufferPointer(start: raw.pointee.str, count: Int(raw.pointee.len)))
    }

    /// Whether it is a string or a status of exactly these bytes.
    public func equals(_ word: StaticString) -> Bool {
        let equal = unsafe withBytes { bytes in
            word.withUTF8Buffer { unsafe bytes.elementsEqual($0) }
        }
        return equal ?? false
    }

    /// Lends the reply at `index` of an array; nil when there is none.
    public func withElement<Result>(
        _ index: Int, _ body: (borrowing RedisReply) throws -> Result
    ) rethrows -> Result? {
        guard let raw = unsafe raw, let count = elementCount, index >= 0, index < count else { return nil }
        return try unsafe body(RedisReply(raw.pointee.element?[index], at: place))
    }

    /// A copy of the reply; throws what `error` is, also when an error is inside an array.
    public func value() throws(RedisError) -> RedisValue {
        if let error { throw error }
        if let integer { return .integer(integer) }
        if let bytes = unsafe withBytes({ unsafe [UInt8]($0) }) { return .bytes(bytes) }
        guard let count = elementCount else { return .null }
        var elements: [RedisValue] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            let element = withElement(index) { element in
                Result { () throws(RedisError) in try element.value() }
            }
            if let element { elements.append(try element.get()) }
        }
        return .array(elements)
    }

    /// The text of a string, a status or an error; empty for anything else.
    public var text: String {
        guard let raw = unsafe raw else { return "" }
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: raw.pointee.str, count: Int(raw.pointee.len)), as: UTF8.self)
    }
}

/// Owns one reply of hiredis' reader, with all that is inside it, and frees it once.
@safe public struct OwnedReply: ~Copyable {
    private let raw: UnsafeMutablePointer<redisReply>

    /// Adopts what `redisReaderGetReply` gave out.
    init(adopting raw: UnsafeMutableRawPointer) {
        unsafe self.raw = raw.assumingMemoryBound(to: redisReply.self)
    }

    deinit { unsafe freeReplyObject(raw) }

    /// Lends it to `body`; `place` goes into the description of errors.
    public borrowing func lend(at place: String, to body: (borrowing RedisReply) -> Void) {
        unsafe body(RedisReply(raw, at: place))
    }
}
