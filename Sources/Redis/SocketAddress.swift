import Glibc

/// One address a socket can connect to, in the kernel's form.
@safe struct SocketAddress {
    let family: Int32
    private let storage: [UInt8]

    private init(family: Int32, storage: [UInt8]) {
        self.family = family
        self.storage = storage
    }

    /// Finds the addresses of an endpoint, the preferred one first.
    ///
    /// A host that is a number costs nothing; a name is looked up with `getaddrinfo`, which blocks the loop: use a
    /// number, a name in /etc/hosts or a Unix socket where that matters.
    static func resolve(_ endpoint: RedisAddress.Endpoint) throws(SocketFailure) -> [SocketAddress] {
        switch endpoint {
        case .unix(let path): [try unix(path)]
        case .tcp(let host, let port):
            if let number = try? lookUp(host, port, flags: AI_NUMERICHOST | AI_NUMERICSERV) {
                number
            } else {
                try lookUp(host, port, flags: AI_NUMERICSERV)
            }
        }
    }

    /// Calls connect(2).
    func connect(_ descriptor: Int32) -> Int32 {
        unsafe storage.withUnsafeBytes { bytes in
            guard let address = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return unsafe Glibc.connect(descriptor, address, socklen_t(bytes.count))
        }
    }

    private static func unix(_ path: String) throws(SocketFailure) -> SocketAddress {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            // One byte stays for the terminating zero.
            guard path.utf8.count < target.count else { return false }
            unsafe target.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw SocketFailure(errno: ENAMETOOLONG) }
        return SocketAddress(family: AF_UNIX, storage: unsafe withUnsafeBytes(of: &address) { unsafe [UInt8]($0) })
    }

    private static func lookUp(_ host: String, _ port: UInt16, flags: Int32) throws(SocketFailure) -> [SocketAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = unsafe getaddrinfo(host, String(port), &hints, &list)
        if result != 0 { throw SocketFailure(reason: unsafe String(cString: gai_strerror(result))) }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            let bytes = unsafe UnsafeRawBufferPointer(
                start: entry.pointee.ai_addr, count: Int(entry.pointee.ai_addrlen))
            found.append(SocketAddress(family: unsafe entry.pointee.ai_family, storage: unsafe [UInt8](bytes)))
            unsafe next = entry.pointee.ai_next
        }
        return found
    }
}
