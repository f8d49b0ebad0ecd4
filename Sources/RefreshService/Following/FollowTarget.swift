import RefreshCore

/// What a request to `/events` asks to follow, read from its query and headers.
struct FollowTarget: Equatable {
    enum Source: Equatable {
        /// Postgres channels by name; none stands for all that are configured.
        case channels([String], after: Route.Moment)
        /// A Redis stream.
        case stream(String)
    }

    /// Why the request can not be understood: a sentence for who made it.
    struct Fault: Error, Equatable {
        let text: String
    }

    let source: Source
    /// The id after which to go on, without which it begins with what comes now.
    let last: String?

    /// Reads a query, still encoded, and the `Last-Event-ID` header, which a browser sends when it comes back.
    init(query: String?, lastEventID: String?) throws(Fault) {
        var channels: [String] = []
        var stream: String?
        var after: Route.Moment?
        var last: String?
        for part in (query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(pair[0])
            let value = try Self.decoded(pair.count > 1 ? pair[1] : "", of: name)
            switch name {
            case "channel" where channels.count < Self.mostChannels: channels.append(value)
            case "channel": throw Fault(text: "at most \(Self.mostChannels) channels can be named")
            case "stream" where stream == nil: stream = value
            case "after":
                guard after == nil, let moment = Route.Moment(rawValue: value) else {
                    throw Fault(text: "after is receive or refresh, once")
                }
                after = moment
            case "last_event_id": last = value
            default: throw Fault(text: "/events knows channel, after, last_event_id and, once, stream")
            }
        }
        guard stream == nil || (channels.isEmpty && after == nil) else {
            throw Fault(text: "a stream is followed alone, and without after: it holds what was sent")
        }
        source = stream.map { .stream($0) } ?? .channels(channels, after: after ?? .refresh)
        // The header is newer: a browser that comes back asks by the same URL as before.
        self.last = (lastEventID ?? last).flatMap { $0.isEmpty ? nil : $0 }
    }

    private static let mostChannels = 256

    /// Text with `%41` in place of bytes that can not stand in a URL, and `+` for a space.
    private static func decoded(_ text: Substring, of name: String) throws(Fault) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    throw Fault(text: "\(name) holds a % without two hexadecimal digits behind it")
                }
                bytes.append(high << 4 | low)
            default: bytes.append(byte)
            }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Fault(text: "\(name) is not UTF-8")
        }
        return text
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }
}
