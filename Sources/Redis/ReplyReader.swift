import CHiredis
import Glibc

/// Owns hiredis' reader and the memory that bytes are received into.
@safe public struct ReplyReader: ~Copyable {
    /// How much one `receive` asks for, in bytes.
    static let chunkSize = 32 << 10

    private let reader: UnsafeMutablePointer<redisReader>
    private let chunk: UnsafeMutableRawPointer
    /// The most that a reply may hold before it is complete, in bytes.
    private let limit: Int
    /// How many bytes came since the last complete reply ended.
    private var held = 0
    // Goes after the reader, which is freed in deinit.
    private let arrayBound: ArrayBound

    /// What one `receive` found.
    public enum Received {
        /// Bytes came; whether they filled the chunk, so that there may be more.
        case bytes(more: Bool)
        /// Nothing has come.
        case nothing
        /// The other side has closed.
        case end
        /// The socket failed.
        case failed(errno: Int32)
    }

    /// Makes a reader of replies of up to `limit` bytes; nil when there is no memory for it.
    public init?(limit: Int) {
        guard let reader = unsafe redisReaderCreate() else { return nil }
        unsafe self.reader = reader
        unsafe chunk = .allocate(byteCount: Self.chunkSize, alignment: 16)
        self.limit = limit
        // No element takes fewer than three bytes.
        arrayBound = unsafe ArrayBound(of: reader, mostElements: limit / 3)
    }

    deinit {
        unsafe redisReaderFree(reader)
        unsafe chunk.deallocate()
    }

    /// Receives once from a non-blocking socket, and feeds the reader.
    public mutating func receive(from descriptor: Int32) -> Received {
        let count = unsafe recv(descriptor, chunk, Self.chunkSize, 0)
        if count > 0 {
            feed(count)
            return .bytes(more: count == Self.chunkSize)
        }
        if count == 0 { return .end }
        let code = errno
        return code == EAGAIN || code == EINTR ? .nothing : .failed(errno: code)
    }

    private mutating func feed(_ count: Int) {
        held += count
        // A failure is kept in the reader and comes out of `next`.
        unsafe redisReaderFeed(reader, chunk.assumingMemoryBound(to: CChar.self), count)
    }

    /// Takes out the next complete reply; nil when the bytes so far hold none.
    public mutating func next() throws(RedisError) -> OwnedReply? {
        var reply: UnsafeMutableRawPointer?
        if unsafe redisReaderGetReply(reader, &reply) != REDIS_OK {
            throw unsafe reader.pointee.err == REDIS_ERR_OOM
                ? tooLarge : RedisError(.protocolError, inDoubt: true, "its reply is malformed")
        }
        if let reply = unsafe reply {
            held = unsafe Int(reader.pointee.len) - Int(reader.pointee.pos)
            return unsafe OwnedReply(adopting: reply)
        }
        if held > limit { throw tooLarge }
        return nil
    }

    private var tooLarge: RedisError {
        RedisError(.protocolError, inDoubt: true, "a reply is larger than \(limit) bytes")
    }
}
