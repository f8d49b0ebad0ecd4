/// One event that a client of `/events` hears.
public struct FollowedEvent: Sendable, Equatable {
    /// By which a client goes on after it; empty if the server gave none.
    public let id: String
    /// The channel or stream, or a name that begins with `rekindle:`.
    public let name: String
    /// The payload, its lines joined by LF.
    public let data: String

    /// Whether it is no event of a channel or stream, but tells about them.
    public var isAboutEvents: Bool { name.hasPrefix("rekindle:") }

    /// Whether some events before it may have been missed.
    public var tellsOfGap: Bool { name == "rekindle:gap" }
}

/// Reads Server-Sent Events, as WHATWG's HTML describes it, however the bytes are cut.
struct EventStreamParser {
    /// A line or an event is longer than any of ours.
    struct TooLarge: Error, Equatable {}

    /// The id after which to go on.
    private(set) var lastID = ""
    private let limit: Int
    private var line: [UInt8] = []
    private var isAfterReturn = false
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false

    /// A parser of events of at most `limit` bytes.
    init(limit: Int = 16 << 20) { self.limit = limit }

    /// Takes more bytes, and appends the events that they complete.
    mutating func receive(_ part: some Sequence<UInt8>, into events: inout [FollowedEvent]) throws(TooLarge) {
        for byte in part {
            defer { isAfterReturn = byte == 13 }
            if byte == 10, isAfterReturn { continue }
            if byte != 10, byte != 13 {
                line.append(byte)
                guard line.count + data.count <= limit else { throw TooLarge() }
                continue
            }
            if line.isEmpty { dispatch(into: &events) } else { take() }
            line.removeAll(keepingCapacity: true)
        }
    }

    private mutating func take() {
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
        var value = line[min(colon + 1, line.count)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(10) }
            data += value
            hasData = true
        case "id" where !value.contains(0): lastID = String(decoding: value, as: UTF8.self)
        default: break
        }
    }

    private mutating func dispatch(into events: inout [FollowedEvent]) {
        if hasData {
            let text = String(decoding: data, as: UTF8.self)
            events.append(FollowedEvent(id: lastID, name: name.isEmpty ? "message" : name, data: text))
        }
        name = ""
        data.removeAll(keepingCapacity: true)
        hasData = false
    }
}
