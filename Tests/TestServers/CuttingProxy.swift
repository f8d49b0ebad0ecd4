import Glibc

/// Stands between a client and a server, both on Unix sockets, and loses answers or delivers calls late on demand.
///
/// One thread polls. What passes is not changed; a call is recognised by a word that occurs in it.
public final class CuttingProxy: @unchecked Sendable {
    /// What is to happen to the next call.
    public enum Mischief: Sendable {
        /// The call is carried out, its answer is thrown away, and the connection ends.
        case loseAnswer
        /// The connection ends at once, and the server gets the call so many seconds later.
        case deliverLate(seconds: Double)
        /// The connection ends, and the server never gets the call.
        case loseCall
    }

    /// Where clients connect.
    public let path: String
    private let server: String
    private let word: [UInt8]
    private let listener: Int32
    // Unchecked Sendable: the next two are touched under this lock only, `links` by the thread only.
    private let lock = Lock()
    private var next: (mischief: Mischief, minimum: Int)?
    private var isStopped = false
    private var links: [ProxyLink] = []

    /// Begins to pass on what comes in at `path` to the socket `server`; calls hold `word`.
    public init?(path: String, server: String, word: String = "EVALSHA") {
        (self.path, self.server, self.word) = (path, server, Array(word.utf8))
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        unlink(path)
        guard Self.withAddress(path, { bind(listener, $0, $1) }) == 0, listen(listener, 64) == 0 else { return nil }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<CuttingProxy>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
    }

    /// Asks for mischief at the next call of at least so many bytes.
    public func arm(_ mischief: Mischief, minimum: Int = 0) { lock.locked { next = (mischief, minimum) } }

    /// Takes the wish back; tells whether it was still waiting for a call.
    @discardableResult
    public func disarm() -> Bool {
        lock.locked {
            defer { next = nil }
            return next != nil
        }
    }

    /// Ends all connections and the thread.
    public func stop() { lock.locked { isStopped = true } }

    private func run() {
        while !lock.locked({ isStopped }) {
            var watched = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
            for link in links {
                watched.append(pollfd(fd: link.client, events: Int16(POLLIN), revents: 0))
                watched.append(pollfd(fd: link.server, events: Int16(POLLIN), revents: 0))
            }
            poll(&watched, nfds_t(watched.count), 20)
            for index in links.indices {
                if watched[2 * index + 1].revents != 0 { heard(&links[index]) }
                if links[index].server >= 0, watched[2 * index + 2].revents != 0 { links[index].answer() }
                links[index].deliverIfDue()
            }
            links.removeAll { $0.isOver }
            if watched[0].revents != 0 { acceptOne() }
        }
        for index in links.indices { links[index].close() }
        close(listener)
        unlink(path)
    }

    private func acceptOne() {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard Self.withAddress(server, { connect(upstream, $0, $1) }) == 0 else {
            close(client)
            close(upstream)
            return
        }
        links.append(ProxyLink(client: client, server: upstream))
    }

    private func heard(_ link: inout ProxyLink) {
        guard var bytes = link.readClient() else { return link.close() }
        let found = lock.locked { () -> Mischief? in
            guard let wish = next, bytes.count >= wish.minimum, Self.contains(bytes, word) else { return nil }
            next = nil
            return wish.mischief
        }
        guard let found else { return link.forward(bytes) }
        bytes += link.rest()
        switch found {
        case .loseAnswer:
            link.forward(bytes)
            link.losesAnswer = true
        case .loseCall: link.close()
        case .deliverLate(let seconds): link.hold(bytes, for: seconds)
        }
    }

    private static func contains(_ bytes: [UInt8], _ word: [UInt8]) -> Bool {
        guard let first = word.first else { return true }
        return bytes.withUnsafeBytes { buffer in
            guard var place = buffer.baseAddress, buffer.count >= word.count else { return false }
            let end = place + buffer.count - word.count + 1
            while place < end, let found = memchr(place, Int32(first), end - place) {
                if memcmp(found, word, word.count) == 0 { return true }
                place = UnsafeRawPointer(found) + 1
            }
            return false
        }
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
