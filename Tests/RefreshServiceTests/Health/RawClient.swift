import Glibc
import Testing

/// A client that sends and reads bytes as told; a read that gets nothing for 10 s fails.
final class RawClient {
    let descriptor: Int32

    init(path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(connected == 0, "connect: errno \(errno)")
        waitAtMost(seconds: 10)
    }

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0, "connect: errno \(errno)")
        waitAtMost(seconds: 10)
    }

    deinit { close(descriptor) }

    /// Sends; false when the server has closed.
    @discardableResult
    func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    func get(_ target: String, method: String = "GET", headers: String = "") {
        send("\(method) \(target) HTTP/1.1\r\nHost: x\r\n\(headers)\r\n")
    }

    /// Reads one answer with a Content-Length; nil when the stream ends first.
    func answer(withBody: Bool = true) -> RawAnswer? {
        var bytes: [UInt8] = []
        while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]) {
            guard let byte = read(1).first else { return nil }
            bytes.append(byte)
        }
        let head = String(decoding: bytes, as: UTF8.self)
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
        var answer = RawAnswer(head: head, body: "")
        guard withBody, let count = length.flatMap({ Int($0.dropFirst(16)) }) else { return answer }
        var body: [UInt8] = []
        while body.count < count {
            let part = read(count - body.count)
            if part.isEmpty { return nil }
            body += part
        }
        answer.body = String(decoding: body, as: UTF8.self)
        return answer
    }

    /// Waits until the server closes; false when it sends something or keeps the connection.
    func isClosed() -> Bool {
        var byte: UInt8 = 0
        let count = recv(descriptor, &byte, 1, 0)
        return count == 0 || (count < 0 && errno == ECONNRESET)
    }

    func read(_ limit: Int) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        let count = recv(descriptor, &buffer, limit, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    private func waitAtMost(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
}

struct RawAnswer {
    let head: String
    var body: String

    var status: Int { Int(head.dropFirst(9).prefix(3)) ?? 0 }
}
