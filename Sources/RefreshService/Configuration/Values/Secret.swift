/// Bytes that must not be shown: no description, dump or reflection of it says them.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Keeps a copy of the bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Hands the bytes to a closure, which must not keep them.
    public func withBytes<Answer, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        // Array's withUnsafeBytes rethrows untyped, so its failure is carried across it in a Result.
        let result: Result<Answer, Failure> = unsafe bytes.withUnsafeBytes { raw in
            do throws(Failure) { return .success(try unsafe body(raw)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// `<redacted>`.
    public var description: String { "<redacted>" }
    /// `<redacted>`.
    public var debugDescription: String { description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
