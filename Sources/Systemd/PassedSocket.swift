/// A listening stream socket that the service manager made and passed on.
///
/// The holder owns the descriptor: exactly one place closes it.
public struct PassedSocket: Sendable, Equatable {
    /// The descriptor; it is closed on exec.
    public let descriptor: Int32

    /// `FileDescriptorName=` of the socket unit, by default the unit's name.
    public let name: String
}
