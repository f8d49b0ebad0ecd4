import Redis
import RefreshCore

/// An entry of a Redis stream, as followers are sent it.
struct StreamEntry: Sendable {
    let id: StreamID
    /// The value of its field `payload` or `event`, as routes write it; of other writers' entries, all fields as JSON.
    let data: Bytes

    /// About how much memory it takes.
    var bytes: Int { 64 + data.count }

    /// Reads an entry of `XRANGE`; nil when it is none.
    init?(_ value: RedisValue) {
        guard case .array(let parts) = value, parts.count == 2, let id = parts[0].text.flatMap({ StreamID($0) }),
            case .array(let words) = parts[1]
        else { return nil }
        let texts = words.map { $0.bytes ?? [] }
        self.id = id
        if texts.count == 2, Self.own.contains(texts[0]) {
            data = Bytes(texts[1])
        } else {
            data = Bytes(
                JSONText.text { json in
                    json.object { json in
                        for place in stride(from: 0, to: texts.count - 1, by: 2) {
                            json.member(String(decoding: texts[place], as: UTF8.self), Bytes(texts[place + 1]))
                        }
                    }
                })
        }
    }

    private static let own = [Array("payload".utf8), Array("event".utf8)]

    /// The entries of a list of them.
    static func list(_ value: RedisValue) -> [StreamEntry] {
        guard case .array(let entries) = value else { return [] }
        return entries.compactMap { StreamEntry($0) }
    }
}
