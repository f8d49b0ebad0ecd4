import Glibc
import Testing

/// A socket where Postgres' would be, on which connections wait for ever.
final class SilentServer {
    let folder: String
    private let socket: Int32

    init() throws {
        var template = Array("/tmp/silent-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(folder)/.s.PGSQL.5432".utf8) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0 && listen(socket, 8) == 0)
    }

    deinit {
        close(socket)
        unlink("\(folder)/.s.PGSQL.5432")
        rmdir(folder)
    }
}
