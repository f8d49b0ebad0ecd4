import Glibc

/// One end of a stream socket, read and written blocking, with a deadline for each read.
package final class SocketStream: Sendable {
    /// The socket.
    package let descriptor: Int32

    /// Takes a descriptor over.
    package init(_ descriptor: Int32, timeout: Duration = .seconds(20)) {
        self.descriptor = descriptor
        var time = timeval(tv_sec: Int(timeout.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Connects to a Unix socket.
    package convenience init(path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard connected == 0 else {
            close(descriptor)
            throw Trouble("\(path): errno \(errno)")
        }
        self.init(descriptor)
    }

    deinit { close(descriptor) }

    /// Writes all of it.
    package func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Trouble("A socket took nothing: errno \(errno).") }
            rest = rest.dropFirst(count)
        }
    }

    /// What comes next; throws at the end of the stream and when nothing comes in time.
    package func read() throws -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw Trouble(count == 0 ? "The stream has ended." : "Nothing came: errno \(errno).") }
        return Array(chunk[..<count])
    }
}
