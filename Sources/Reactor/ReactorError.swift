/// What the event loop could not do.
public struct ReactorError: Error, CustomStringConvertible {
    /// The call that failed, such as `sd_event_add_io`.
    public let operation: String
    /// The positive `errno` it failed with.
    public let errno: Int32

    /// A sentence with the call and its errno.
    public var description: String {
        "The event loop's \(operation) failed with errno \(errno)."
    }

    /// Turns a negative return value of libsystemd into an error.
    static func check(_ result: Int32, _ operation: String) throws(ReactorError) {
        if result < 0 { throw ReactorError(operation: operation, errno: -result) }
    }
}
