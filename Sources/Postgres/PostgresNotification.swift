import CPostgres
import Glibc

/// One notification as libpq received it, freed with this value.
@safe public struct PostgresNotification: ~Copyable {
    private let raw: UnsafeMutablePointer<PGnotify>

    /// Adopts what `PQnotifies` returned.
    init(adopting raw: UnsafeMutablePointer<PGnotify>) { unsafe self.raw = raw }

    deinit { unsafe PQfreemem(raw) }

    /// The server process that sent it.
    public var pid: Int32 { unsafe raw.pointee.be_pid }

    /// Calls `body` with the bytes of the channel's name.
    public func withChannel<Result: ~Copyable, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let text = unsafe raw.pointee.relname else { return try body(RawSpan()) }
        return try unsafe body(RawSpan(_unsafeStart: text, byteCount: strlen(text)))
    }

    /// Calls `body` with the bytes of the payload, at most 7,999 of them.
    public func withPayload<Result: ~Copyable, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let text = unsafe raw.pointee.extra else { return try body(RawSpan()) }
        return try unsafe body(RawSpan(_unsafeStart: text, byteCount: strlen(text)))
    }
}
