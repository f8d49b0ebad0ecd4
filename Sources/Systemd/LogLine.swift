import Logging

/// One log line for standard error.
public struct LogLine: Sendable {
    /// Who reads the lines.
    public enum Form: Sendable, Equatable {
        /// A person or a file: `2026-11-21T03:00:00.123Z info message key=value`.
        case dated

        /// A service manager that reads standard error and keeps the time itself: `<6>message key=value`.
        case prioritized
    }

    /// Longest line in bytes with its newline: a pipe takes that much whole or not at all.
    static let limit = 4_096

    private let head: String
    private let body: String

    init(
        form: Form, time: LogTime, level: Logger.Level, message: String,
        metadata: [(key: String, value: Logger.MetadataValue)]
    ) {
        switch form {
        case .dated: head = "\(time) \(level.rawValue) "
        case .prioritized: head = "<\(level.syslogPriority)>"
        }
        var body = LogText.escaped(message)
        // The id is for programs, which read the journal.
        for (key, value) in metadata where key != "message_id" {
            body += " \(LogText.escaped(key))=\(Self.quoted(LogText.value(value)))"
        }
        self.body = body
    }

    /// The bytes to write, newline included; `droppedLines` is told when it is not 0.
    func bytes(droppedLines: Int) -> [UInt8] {
        let note = droppedLines == 0 ? "" : "(\(droppedLines) lines dropped before this one) "
        return Array((LogText.bounded(head + note + body, to: Self.limit - 1) + "\n").utf8)
    }

    private static func quoted(_ value: String) -> String {
        guard value.isEmpty || value.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" }) else { return value }
        var result = "\""
        for character in value {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }
}
