import Logging

/// One entry of the journal: fields in the order they are sent.
struct JournalEntry: Equatable {
    struct Field: Equatable {
        let name: String
        let value: String
    }

    /// Longest value in bytes, and most metadata fields, so that an entry always fits one datagram.
    static let valueLimit = 8_192
    static let fieldLimit = 16

    private(set) var fields: [Field]

    /// The fields every entry has.
    init(message: String, priority: Int, identifier: String) {
        fields = [
            Field(name: "MESSAGE", value: LogText.bounded(LogText.escaped(message), to: Self.valueLimit)),
            Field(name: "PRIORITY", value: String(priority)),
            Field(name: "SYSLOG_IDENTIFIER", value: LogText.escaped(identifier)),
        ]
    }

    /// Adds metadata: `message_id` as MESSAGE_ID if it is one, anything else as REKINDLE_<KEY>.
    mutating func add(_ metadata: [(key: String, value: Logger.MetadataValue)]) {
        for (key, value) in metadata.prefix(Self.fieldLimit) {
            let text = LogText.bounded(LogText.value(value), to: Self.valueLimit)
            if key == "message_id", let id = Self.messageID(text) {
                fields.append(Field(name: "MESSAGE_ID", value: id))
            } else {
                fields.append(Field(name: Self.fieldName(key), value: text))
            }
        }
    }

    /// Adds how many lines before this one found no room.
    mutating func add(droppedLines count: Int) {
        fields.append(Field(name: "REKINDLE_DROPPED_LINES", value: String(count)))
    }

    /// The entry in the journal's native protocol. Every value is a single line, so the plain form is enough.
    var datagram: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        for field in fields {
            bytes += field.name.utf8
            bytes.append(UInt8(ascii: "="))
            bytes += field.value.utf8
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// A field name the journal accepts: A to Z, digits and underscores, at most 64 of them.
    static func fieldName(_ key: String) -> String {
        var name = "REKINDLE_"
        for scalar in key.unicodeScalars.prefix(64 - name.utf8.count) {
            switch scalar {
            case "A"..."Z", "0"..."9": name.unicodeScalars.append(scalar)
            case "a"..."z": name += String(scalar).uppercased()
            default: name += "_"
            }
        }
        return name
    }

    /// The 32 hex digits of a message id, which may be written as a UUID; nil for anything else.
    static func messageID(_ text: String) -> String? {
        let digits = text.filter { $0 != "-" }.lowercased()
        let isID = digits.utf8.count == 32 && digits.unicodeScalars.allSatisfy { $0.properties.isASCIIHexDigit }
        return isID ? digits : nil
    }
}
