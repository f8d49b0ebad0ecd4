import Glibc

/// Owns one non-blocking stream socket, and closes it once.
struct RedisSocket: ~Copyable {
    let descriptor: Int32

    /// What a write did.
    enum Written {
        case bytes(Int)
        case wouldBlock
        case failed
    }

    private init(adopting descriptor: Int32) { self.descriptor = descriptor }

    deinit { _ = Glibc.close(descriptor) }

    /// Begins to connect; the socket becomes writable when that has succeeded or failed: see `connectionFailure`.
    ///
    /// The failure is a positive `errno`.
    static func connecting(to target: SocketAddress, sendBuffer: Int32?) throws(SocketFailure) -> RedisSocket {
        let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(target.family, flags, 0)
        if descriptor < 0 { throw SocketFailure(errno: errno) }
        let made = RedisSocket(adopting: descriptor)
        if let sendBuffer { made.set(SOL_SOCKET, SO_SNDBUF, sendBuffer) }
        if target.family != AF_UNIX { made.tuneTCP() }
        if target.connect(descriptor) != 0, errno != EINPROGRESS { throw SocketFailure(errno: errno) }
        return made
    }

    /// The `errno` a connection attempt ended with; 0 when it succeeded.
    var connectionFailure: Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0 ? code : errno
    }

    /// Writes as much as the kernel takes, without a SIGPIPE.
    func write(_ bytes: UnsafeRawBufferPointer) -> Written {
        let count = unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return .bytes(count) }
        return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? .wouldBlock : .failed
    }

    private func tuneTCP() {
        set(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        set(SOL_SOCKET, SO_KEEPALIVE, 1)
        // A peer that vanished is noticed on an idle connection within about a minute.
        set(Int32(IPPROTO_TCP), TCP_KEEPIDLE, 30)
        set(Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10)
        set(Int32(IPPROTO_TCP), TCP_KEEPCNT, 3)
    }

    private func set(_ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }
}

/// Why a socket could not be made or connected.
struct SocketFailure: Error {
    let reason: String

    init(errno code: Int32) { reason = systemMessage(code) }
    init(reason: String) { self.reason = reason }
}

/// The system's own words for an `errno`.
func systemMessage(_ code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let start = buffer.baseAddress, unsafe strerror_r(code, start, buffer.count) == 0 else {
            return "errno \(code)"
        }
        return unsafe String(cString: start)
    }
}
