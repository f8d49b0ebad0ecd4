import Benchmark
import Glibc
import Redis

/// Replies that came together, from a socket's buffer through hiredis' reader to the closure that looks at each.
///
/// The system calls are in it: one to send and one to receive the replies of a chunk.
enum ReplyReading {
    static func register() {
        measured("read: +OK", replies("+OK\r\n", together: 1000) { $0.equals("OK") })
        measured("read: an integer", replies(":4711\r\n", together: 1000) { $0.integer == 4711 })
        let value = String(repeating: "v", count: 200)
        measured(
            "read: a string of 200 bytes",
            replies("$200\r\n\(value)\r\n", together: 125) { $0.withBytes { $0.count } == 200 })
    }

    /// Reads a reply again and again, so many at a time; they fit the socket's buffer and the reader's chunk.
    private static func replies(
        _ reply: String, together: Int, _ isExpected: @escaping (borrowing RedisReply) -> Bool
    ) -> (Int) -> Void {
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
            fatalError("there is no pair of sockets")
        }
        let (near, far) = (ends[0], ends[1])
        guard var reader = ReplyReader(limit: 1 << 20) else { fatalError("there is no memory for a reader") }
        let bytes = Array(String(repeating: reply, count: together).utf8)
        return { count in
            for _ in 0..<(count / together) {
                guard send(far, bytes, bytes.count, 0) == bytes.count, case .bytes = reader.receive(from: near) else {
                    fatalError("bytes that were sent do not arrive")
                }
                var read = 0
                while let reply = try? reader.next() {
                    reply.lend(at: "here") { if isExpected($0) { read += 1 } }
                }
                precondition(read == together, "a reply is something else")
            }
        }
    }
}
