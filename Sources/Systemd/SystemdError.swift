/// What can be wrong with what the service manager handed over.
public enum SystemdError: Error, Equatable, CustomStringConvertible {
    /// `LISTEN_FDS`, `LISTEN_PID` or a passed descriptor is unusable; `errno` is the code of libsystemd.
    case listenVariables(errno: Int32)

    /// A passed descriptor is no stream socket that listens.
    case notListening(descriptor: Int32, name: String)

    /// A sentence that says what happened and what to do.
    public var description: String {
        switch self {
        case .listenVariables(let code):
            "The passed sockets could not be taken over (errno \(code)): "
                + "LISTEN_FDS or LISTEN_PID is malformed; start the service through its .socket unit, or unset both."
        case .notListening(let descriptor, let name):
            "Descriptor \(descriptor), passed as \"\(LogText.escaped(name))\", is no listening stream socket: "
                + "use ListenStream= with Accept=no in the .socket unit."
        }
    }
}
