import Glibc
import TestDaemon
import TestServers

/// A service manager's end of `NOTIFY_SOCKET`: it keeps what the daemon says, and when.
final class ManagerSocket: Sendable {
    /// One datagram.
    struct Message {
        let time: ContinuousClock.Instant
        /// Its assignments, such as `READY=1`.
        let lines: [String]
    }

    /// The socket's path, for the environment.
    let path: String
    private let received = Guarded<[Message]>([])

    /// Binds a socket at a path and listens, until the process ends.
    init(path: String) throws {
        self.path = path
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw Trouble("\(path): errno \(errno)") }
        let thread = WaitingThread { [weak self] in
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while case let count = recv(descriptor, &buffer, buffer.count, 0), count >= 0 {
                let text = String(decoding: buffer[..<count], as: UTF8.self)
                guard let self else { break }
                received.withLock {
                    $0.append(Message(time: .now, lines: text.split(separator: "\n").map(String.init)))
                }
            }
            close(descriptor)
        }
        try thread.start()
    }

    /// What has come so far.
    var messages: [Message] { received.withLock { $0 } }

    /// What has come so far that holds an assignment.
    func messages(with line: String) -> [Message] { messages.filter { $0.lines.contains(line) } }

    /// The statuses told so far.
    var statuses: [String] {
        messages.flatMap(\.lines).filter { $0.hasPrefix("STATUS=") }.map { String($0.dropFirst(7)) }
    }
}
