/// One datagram of the notify protocol: assignments, one a line.
struct NotifyMessage {
    /// Longest status in bytes. The manager ignores datagrams above 4,096 bytes as a whole.
    static let statusLimit = 2_048

    let text: String

    init(status: String?, _ assignments: String...) {
        var lines = assignments
        if let status { lines.append("STATUS=" + Self.singleLine(status)) }
        text = lines.joined(separator: "\n")
    }

    // A newline would begin another assignment, so that a status could say STOPPING=1; a NUL would end the message.
    private static func singleLine(_ status: String) -> String {
        var line = String.UnicodeScalarView()
        var bytes = 0
        for scalar in status.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > statusLimit { break }
            line.append(scalar.isControl ? " " : scalar)
        }
        return String(line)
    }
}
