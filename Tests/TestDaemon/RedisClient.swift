/// A connection to Redis that a test drives by hand; every call blocks until the answer is there, 20 s at most.
package final class RedisClient {
    /// An answer.
    package enum Reply: Equatable {
        case text(String)
        case number(Int)
        case error(String)
        case list([Reply])
        case null

        /// The text of a text, nil of anything else.
        package var text: String? { if case .text(let text) = self { text } else { nil } }
        /// The number of a number, nil of anything else.
        package var number: Int? { if case .number(let number) = self { number } else { nil } }
        /// The elements of a list; none of anything else.
        package var list: [Reply] { if case .list(let list) = self { list } else { [] } }
    }

    private let stream: SocketStream
    private var buffer: [UInt8] = []
    private var place = 0

    /// Connects to a Unix socket.
    package init(path: String) throws { stream = try SocketStream(path: path) }

    /// Sends a command and waits for its answer.
    @discardableResult
    package func command(_ words: String...) throws -> Reply {
        try send(words)
        return try next()
    }

    /// Sends a command and does not wait.
    package func send(_ words: [String]) throws {
        var text = "*\(words.count)\r\n"
        for word in words { text += "$\(word.utf8.count)\r\n\(word)\r\n" }
        try stream.write(Array(text.utf8))
    }

    /// The next answer, or the next message of a subscription.
    package func next() throws -> Reply {
        let line = try line()
        let rest = String(line.dropFirst())
        switch line.first {
        case "+": return .text(rest)
        case "-": return .error(rest)
        case ":": return .number(Int(rest) ?? .min)
        case "$":
            guard let count = Int(rest), count >= 0 else { return .null }
            let text = String(decoding: try take(count), as: UTF8.self)
            _ = try take(2)
            return .text(text)
        case "*":
            guard let count = Int(rest), count >= 0 else { return .null }
            return .list(try (0..<count).map { _ in try next() })
        default: throw Trouble("Redis sent what is no answer: \(line)")
        }
    }

    /// Subscribes to a channel; messages then come with `message()`.
    package func subscribe(_ channel: String) throws { try command("SUBSCRIBE", channel) }

    /// The body of the next message of a subscription.
    package func message() throws -> String {
        let reply = try next()
        guard let text = reply.list.last?.text else { throw Trouble("This is no message: \(reply)") }
        return text
    }

    private func line() throws -> String {
        var end = place
        while true {
            while end + 1 < buffer.count {
                if buffer[end] == 13, buffer[end + 1] == 10 {
                    defer { place = end + 2 }
                    return String(decoding: buffer[place..<end], as: UTF8.self)
                }
                end += 1
            }
            let before = place
            try fill()
            end -= before - place
        }
    }

    private func take(_ count: Int) throws -> ArraySlice<UInt8> {
        while buffer.count - place < count { try fill() }
        defer { place += count }
        return buffer[place..<place + count]
    }

    private func fill() throws {
        buffer.removeFirst(place)
        place = 0
        buffer += try stream.read()
    }
}
