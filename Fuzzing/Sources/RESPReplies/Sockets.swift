import FuzzSupport
import Glibc

/// Two ends of a stream, as a reader receives from a socket.
final class Sockets: Sendable {
    let sending: Int32
    let receiving: Int32

    init() {
        var ends: [Int32] = [-1, -1]
        expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0, "there is no pair of sockets")
        (sending, receiving) = (ends[0], ends[1])
    }

    /// Sends all of it; it fits the socket's buffer, and the reader's chunk.
    func send(_ bytes: ArraySlice<UInt8>) {
        let count = bytes.withUnsafeBytes { Glibc.send(sending, $0.baseAddress, $0.count, 0) }
        expect(count == bytes.count, "the socket takes only a part")
    }
}
