/// The text of Server-Sent Events, as WHATWG's HTML describes it.
///
/// An event is lines and an empty line; a line's end is LF, CR or both, so that a payload's lines are lines of `data`,
/// and a reader joins them by LF. What has an `id` alone is no event, and tells where to go on all the same.
public enum EventFrame {
    /// The name of the event by which somebody learns that it may have missed some.
    public static let gap = "rekindle:gap"
    /// The name of the event by which it learns that nothing more will come: what it follows is not there any more.
    public static let end = "rekindle:end"

    /// The beginning of an answer: how many milliseconds to wait before coming back, and where to go on then.
    public static func opening(id: String, retry: Int) -> [UInt8] { Array("retry: \(retry)\nid: \(id)\n\n".utf8) }

    /// What is sent when there is nothing to tell, so that nobody between thinks the connection dead.
    public static func keepAlive(id: String) -> [UInt8] { Array(": keep-alive\nid: \(id)\n\n".utf8) }

    /// The line that names an event; it is the same for all events of a channel.
    public static func nameLine(_ name: String) -> [UInt8] {
        var line = Array("event: ".utf8)
        for byte in name.utf8 {
            // A name that holds ends of lines can not be told otherwise.
            switch byte {
            case 10: line += "%0A".utf8
            case 13: line += "%0D".utf8
            default: line.append(byte)
            }
        }
        line.append(10)
        return line
    }

    /// An event with its payload.
    public static func event(nameLine: [UInt8], id: String, payload: Bytes) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(nameLine.count + id.utf8.count + payload.count + 24)
        text += nameLine
        text += "id: ".utf8
        text += id.utf8
        text += "\ndata: ".utf8
        var isAfterReturn = false
        for byte in payload.array {
            if byte == 10 || byte == 13 {
                if byte == 13 || !isAfterReturn { text += "\ndata: ".utf8 }
            } else {
                text.append(byte)
            }
            isAfterReturn = byte == 13
        }
        text += "\n\n".utf8
        return text
    }

    /// The event that tells why some may have been missed.
    public static func gap(_ why: MissedEvents, id: String) -> [UInt8] {
        event(nameLine: nameLine(gap), id: id, payload: Bytes(why.rawValue))
    }

    /// The event that tells what is not there any more.
    public static func end(_ name: String, id: String) -> [UInt8] {
        event(nameLine: nameLine(end), id: id, payload: Bytes(name))
    }
}
