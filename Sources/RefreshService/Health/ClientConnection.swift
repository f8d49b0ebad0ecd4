import Glibc
import Systemd

/// A connection to a Unix socket whose every step ends at one deadline, which can be put off.
///
/// Owns its descriptor: `close()` once, by the one who made it.
struct ClientConnection {
    private let path: String
    private var timeout: Duration
    private var deadline: ContinuousClock.Instant
    private let descriptor: Int32

    init(path: String, timeout: Duration) throws(HealthError) {
        self.path = path
        self.timeout = timeout
        deadline = .now + timeout
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .connectionFailed(path: path, errno: errno) }
    }

    /// What comes next may take so long from now on.
    mutating func allow(_ time: Duration) {
        timeout = time
        deadline = .now + time
    }

    func connect(_ address: UnixAddress) throws(HealthError) {
        while unsafe address.withSockaddr({ unsafe Glibc.connect(descriptor, $0, $1) }) != 0 {
            switch errno {
            case EINTR: continue
            case EAGAIN:
                // The backlog is full, and a Unix socket has no way to wait for room in it.
                guard ContinuousClock.now < deadline else { throw .timedOut(path: path, after: timeout) }
                usleep(5_000)
            case ENOENT, ENOTDIR: throw .socketAbsent(path: path)
            case EACCES, EPERM: throw .permissionDenied(path: path)
            case ECONNREFUSED: throw .connectionRefused(path: path)
            default: throw .connectionFailed(path: path, errno: errno)
            }
        }
    }

    func send(_ bytes: [UInt8]) throws(HealthError) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { sent += count } else if errno == EPIPE { return } else { try wait(for: POLLOUT) }
        }
    }

    /// Fills the buffer from its start; 0 is the end of the stream.
    func receive(_ buffer: inout [UInt8]) throws(HealthError) -> Int {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count >= 0 { return count }
            // A server that refused the request closes on unread bytes: that is the end of its answer.
            if errno == ECONNRESET { return 0 }
            try wait(for: POLLIN)
        }
    }

    func close() {
        _ = Glibc.close(descriptor)
    }

    /// Throws when the time is over.
    func checkDeadline() throws(HealthError) {
        if ContinuousClock.now >= deadline { throw .timedOut(path: path, after: timeout) }
    }

    /// Whether something can be received, after waiting for it for a while.
    func isReadable(within limit: Duration) -> Bool {
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&request, 1, Int32(max(0, min(limit / .milliseconds(1), 60_000)).rounded(.up))) > 0
    }

    // Called after a failed call: anything but "not now" is an error.
    private func wait(for event: Int32) throws(HealthError) {
        guard errno == EAGAIN || errno == EINTR else { throw .connectionFailed(path: path, errno: errno) }
        let left = (deadline - .now) / .milliseconds(1)
        guard left > 0 else { throw .timedOut(path: path, after: timeout) }
        var request = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        if unsafe poll(&request, 1, Int32(min(left.rounded(.up), 60_000))) == 0, ContinuousClock.now >= deadline {
            throw .timedOut(path: path, after: timeout)
        }
    }
}
