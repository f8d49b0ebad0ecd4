import Glibc

/// One client's connection through a `CuttingProxy`, with its own connection to the server.
struct ProxyLink {
    /// The client's side; negative once it is closed.
    private(set) var client: Int32
    /// The server's side; negative once it is closed.
    private(set) var server: Int32
    /// Whether the next answer is thrown away, and both sides are closed.
    var losesAnswer = false
    private var held: (bytes: [UInt8], due: ContinuousClock.Instant)?

    init(client: Int32, server: Int32) { (self.client, self.server) = (client, server) }

    /// Whether nothing is left to do.
    var isOver: Bool { client < 0 && server < 0 }

    /// What the client has sent; nil at its end.
    func readClient() -> [UInt8]? {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        let count = recv(client, &chunk, chunk.count, 0)
        return count > 0 ? Array(chunk[..<count]) : nil
    }

    /// What else the client sends until it is quiet for a moment, so that a call is whole.
    func rest() -> [UInt8] {
        var bytes: [UInt8] = []
        var watched = pollfd(fd: client, events: Int16(POLLIN), revents: 0)
        while poll(&watched, 1, 10) == 1, let more = readClient() { bytes += more }
        return bytes
    }

    /// Passes bytes on to the server.
    mutating func forward(_ bytes: [UInt8]) { if !Self.write(server, bytes) { close() } }

    /// Passes the server's answer on to the client.
    mutating func answer() {
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        let count = recv(server, &chunk, chunk.count, 0)
        guard count > 0, !losesAnswer else { return close() }
        // What answers a late call has nobody to go to.
        if client >= 0, !Self.write(client, Array(chunk[..<count])) { close() }
    }

    /// Ends the client's side, and keeps bytes for the server.
    mutating func hold(_ bytes: [UInt8], for seconds: Double) {
        Glibc.close(client)
        client = -1
        held = (bytes, ContinuousClock.now + .seconds(seconds))
    }

    /// Delivers what was kept once its time has come; its answer ends the connection.
    mutating func deliverIfDue() {
        guard let held, ContinuousClock.now >= held.due else { return }
        self.held = nil
        forward(held.bytes)
        losesAnswer = true
    }

    /// Ends both sides.
    mutating func close() {
        for side in [client, server] where side >= 0 { Glibc.close(side) }
        (client, server, held) = (-1, -1, nil)
    }

    private static func write(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
