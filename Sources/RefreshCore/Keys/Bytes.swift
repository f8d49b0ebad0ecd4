/// An immutable run of bytes, compared and hashed as bytes.
///
/// Keys, payloads and parameters are bytes and not `String`s: two Strings are equal when they are canonically
/// equivalent, and Redis and Postgres tell such texts apart.
///
/// Up to fifteen bytes, as most keys are, lie in the value itself, so that a notification costs no allocation.
public struct Bytes: Hashable, Sendable {
    /// The bytes of a short run, the first one lowest, and its length in the highest byte; zero for a long one.
    @usableFromInline let low: UInt64
    @usableFromInline let high: UInt64
    /// The bytes of a run that is not short.
    @usableFromInline let long: [UInt8]?

    /// The most bytes of a short run.
    private static let short = 15

    /// A copy of bytes.
    public init(copying bytes: UnsafeRawBufferPointer) {
        if bytes.count > Self.short {
            (low, high) = (0, 0)
            long = unsafe [UInt8](bytes)
            return
        }
        var words = (UInt64(0), UInt64(bytes.count) << 56)
        words.1 = words.1.littleEndian
        unsafe Swift.withUnsafeMutableBytes(of: &words) { unsafe $0.copyMemory(from: bytes) }
        (low, high) = (UInt64(littleEndian: words.0), UInt64(littleEndian: words.1))
        long = nil
    }

    /// The bytes.
    public init(_ bytes: [UInt8]) {
        if bytes.count > Self.short {
            (low, high) = (0, 0)
            long = bytes
        } else {
            self = unsafe bytes.withUnsafeBytes { unsafe Bytes(copying: $0) }
        }
    }

    /// A text as UTF-8.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    /// No bytes.
    public static var empty: Bytes { Bytes(low: 0, high: 0, long: nil) }

    private init(low: UInt64, high: UInt64, long: [UInt8]?) {
        self.low = low
        self.high = high
        self.long = long
    }

    /// How many bytes there are.
    @inlinable
    public var count: Int { long?.count ?? Int(high >> 56) }
    /// Whether there are none.
    @inlinable
    public var isEmpty: Bool { count == 0 }
    /// The bytes.
    public var array: [UInt8] { unsafe long ?? withUnsafeBytes { unsafe [UInt8]($0) } }

    /// The bytes at these places, as far as there are any.
    public func slice(_ places: Range<Int>) -> Bytes {
        unsafe withUnsafeBytes { bytes in
            unsafe Bytes(copying: UnsafeRawBufferPointer(rebasing: bytes[places.clamped(to: bytes.indices)]))
        }
    }

    /// Lends the bytes.
    @inlinable
    public func withUnsafeBytes<Result: ~Copyable, Failure>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        if let long {
            let span = long.span
            return try unsafe span.withUnsafeBytes(body)
        }
        let words = (low.littleEndian, high.littleEndian)
        let count = count
        return try unsafe Swift.withUnsafeBytes(of: words) { whole throws(Failure) in
            try unsafe body(UnsafeRawBufferPointer(rebasing: whole[..<count]))
        }
    }

    /// Lends the bytes.
    @inlinable
    public func withSpan<Result: ~Copyable, Failure>(
        _ body: (borrowing Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBytes { bytes throws(Failure) in
            try unsafe body(Span<UInt8>(_bytes: RawSpan(_unsafeBytes: bytes)))
        }
    }

    /// A hash that depends on a secret, so that nobody can choose keys that collide: eight bytes a step, each
    /// folded in by a full multiplication.
    func hash(secret: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: fingerprint(secret: secret) >> 16) }

    /// The same with all its bits: two of a billion runs have the same by a chance of one in ten.
    @inline(__always)
    public func fingerprint(secret: UInt64) -> UInt64 {
        let factor = secret ^ 0xA076_1D64_78BD_642F | 1
        var state = Self.fold(secret ^ low, factor)
        if let long { state = Self.fold(long, from: state, factor) }
        state = Self.fold(state ^ high, 0x9E37_79B9_7F4A_7C15)
        return Self.fold(state, secret ^ 0xD1B5_4A32_D192_ED03)
    }

    private static func fold(_ bytes: [UInt8], from start: UInt64, _ factor: UInt64) -> UInt64 {
        var state = start
        unsafe bytes.withUnsafeBytes { bytes in
            var place = 0
            while place + 8 <= bytes.count {
                state = fold(state ^ (unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)), factor)
                place += 8
            }
            var rest: UInt64 = 0
            while place < bytes.count {
                rest = rest << 8 | UInt64(unsafe bytes[place])
                place += 1
            }
            state = fold(state ^ rest, factor) ^ UInt64(bytes.count)
        }
        return state
    }

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}

extension Bytes: CustomStringConvertible {
    /// The bytes as text, with a replacement character where they are not UTF-8.
    public var description: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }
}
