import CPostgres
import Glibc

/// One notification as libpq received it, freed with this value.
@safe public struct PostgresNotification: ~Copyable {
    private let raw: UnsafeMutablePointer<PGnotify>

    private static func bytes(_ text: UnsafeMutablePointer<CChar>?) -> UnsafeRawBufferPointer {
        guard let text = unsafe text else { return unsafe UnsafeRawBufferPointer(start: nil, count: 0) }
        return unsafe UnsafeRawBufferPointer(start: text, count: strlen(text))
    }

    /// The bytes of the channel's name and of the payload; valid for as long as this value.
    @usableFromInline var channel: UnsafeRawBufferPointer { unsafe Self.bytes(raw.pointee.relname) }
    @usableFromInline var payload: UnsafeRawBufferPointer { unsafe Self.bytes(raw.pointee.extra) }

    /// Adopts what `PQnotifies` returned.
    init(adopting raw: UnsafeMutablePointer<PGnotify>) { unsafe self.raw = raw }

    deinit { unsafe PQfreemem(raw) }

    /// The server process that sent it.
    public var pid: Int32 { unsafe raw.pointee.be_pid }

    /// Calls `body` with the bytes of the channel's name.
    @inlinable
    public func withChannel<Result: ~Copyable, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe RawSpan(_unsafeBytes: channel))
    }

    /// Calls `body` with the bytes of the payload, at most 7,999 of them.
    @inlinable
    public func withPayload<Result: ~Copyable, Failure>(
        _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(unsafe RawSpan(_unsafeBytes: payload))
    }
}
