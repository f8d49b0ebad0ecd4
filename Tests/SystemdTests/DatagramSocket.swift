import Glibc
import Testing

/// A bound datagram socket in a folder of its own, as the service manager or the journal has one.
final class DatagramSocket {
    let path: String
    private let folder: String
    private let descriptor: Int32

    init() throws {
        var template = Array("/tmp/rekindle-datagram.XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) })
        path = folder + "/socket"
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let bound = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
        unlink(path)
        rmdir(folder)
    }

    /// The datagram that waits; nil when none does.
    func receive() -> String? {
        var buffer = [UInt8](repeating: 0, count: 262_144)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// The datagrams that wait.
    func receiveAll() -> [String] {
        var all: [String] = []
        while let one = receive() { all.append(one) }
        return all
    }
}
