/// Reads one HTTP/1.1 answer of our own server: with a Content-Length, or ended by the end of the stream; of one that
/// goes on for ever, the head.
struct ReplyParser {
    enum Fault: Error, Equatable {
        case malformed, tooLarge
    }

    private static let headLimit = 16_384

    private let limit: Int
    private var bytes: [UInt8] = []
    private var head: (status: Int, bodyStart: Int, length: Int?)?

    /// A parser of an answer with at most `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes more bytes; the answer once it is complete.
    mutating func receive(_ part: ArraySlice<UInt8>) throws(Fault) -> HealthReply? {
        guard bytes.count + part.count <= limit else { throw .tooLarge }
        let searched = max(0, bytes.count - 3)
        bytes += part
        if head == nil { try readHead(from: searched) }
        guard let head, let length = head.length, bytes.count - head.bodyStart >= length else { return nil }
        return HealthReply(status: head.status, body: Array(bytes[head.bodyStart..<head.bodyStart + length]))
    }

    /// What has come behind the head of a good answer that has no length; nil for any other, and before its end.
    var openBody: ArraySlice<UInt8>? {
        guard let head, head.status == 200, head.length == nil else { return nil }
        return bytes[head.bodyStart...]
    }

    /// The stream ended.
    mutating func end() throws(Fault) -> HealthReply {
        guard let head, head.length == nil else { throw .malformed }
        return HealthReply(status: head.status, body: Array(bytes[head.bodyStart...]))
    }

    private mutating func readHead(from start: Int) throws(Fault) {
        guard let end = Self.blankLine(in: bytes, from: start) else {
            if bytes.count > Self.headLimit { throw .malformed }
            return
        }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1."), first.utf8.count >= 12,
            let status = Int(first.dropFirst(9).prefix(3)), (200...599).contains(status)
        else { throw .malformed }
        var length: Int?
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw .malformed }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            switch line[..<colon].lowercased() {
            case "content-length":
                guard let count = Int(value), count >= 0, length == nil else { throw .malformed }
                length = count
            case "transfer-encoding": throw .malformed
            default: break
            }
        }
        if let length, length > limit - end - 4 { throw .tooLarge }
        head = (status, end + 4, length)
    }

    private static func blankLine(in bytes: [UInt8], from start: Int) -> Int? {
        guard start <= bytes.count - 4 else { return nil }
        return (start...bytes.count - 4).first { bytes[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
    }
}
