/// A place where the health server listens.
public enum HealthListener: Sendable, Equatable {
    /// A socket file, made with mode 0660 and removed at the end.
    case unixSocket(path: String)

    /// A listening stream socket made by the service manager; the server owns the descriptor from now on and closes it at
    /// the end, but leaves its file to the manager.
    case inherited(descriptor: Int32)

    /// A TCP address, meant for loopback: it has no access control. Port 0 takes any free one.
    case tcp(host: String, port: Int)
}
