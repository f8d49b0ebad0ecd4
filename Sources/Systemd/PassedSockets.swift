import CSystemd
import Glibc

/// The sockets that the service manager passed to this process.
public enum PassedSockets {
    /// Takes the sockets over and removes `LISTEN_FDS` and its kin from the environment: a second call returns none.
    ///
    /// Call it before other threads start, since it changes the environment. Without socket activation the result is empty.
    /// - Throws: when the variables are malformed, or a descriptor is no listening stream socket.
    public static func take() throws(SystemdError) -> [PassedSocket] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = unsafe sd_listen_fds_with_names(1, &names)
        defer { unsafe free(names) }
        guard count >= 0 else { throw .listenVariables(errno: -count) }

        var sockets: [PassedSocket] = []
        for index in 0..<Int(count) {
            var name = "unknown"
            if let text = unsafe names?[index] {
                name = unsafe String(cString: text)
                unsafe free(text)
            }
            sockets.append(PassedSocket(descriptor: SD_LISTEN_FDS_START + Int32(index), name: name))
        }
        for socket in sockets where sd_is_socket(socket.descriptor, AF_UNSPEC, Int32(SOCK_STREAM.rawValue), 1) <= 0 {
            throw .notListening(descriptor: socket.descriptor, name: socket.name)
        }
        return sockets
    }
}
