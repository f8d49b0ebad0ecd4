/// The fields of one record of delimited text, by RFC 4180: commas between fields, double quotes around a field that
/// holds commas, line breaks or quotes, and a quote doubled within.
///
/// One line break at the end belongs to the record. Whether the bytes are UTF-8 is not looked at.
public enum DelimitedFields {
    /// The field at an index from 0, or nil where the record has none or is malformed anywhere.
    ///
    /// Malformed are a quote that does not begin its field, text behind a closing quote, a quote without end, and a
    /// line break outside quotes. An empty record is one empty field.
    public static func field(_ index: Int, of record: borrowing Span<UInt8>) -> Bytes? {
        let end = lengthWithoutLineBreak(record)
        var position = 0
        var current = 0
        var found: Bytes?
        while true {
            var content = Content(wanted: current == index)
            guard let next = read(record, from: position, to: end, into: &content) else { return nil }
            if content.wanted { found = content.value(of: record) }
            if next == end { return found }
            position = next + 1
            current += 1
        }
    }

    /// What a field holds, collected only where somebody wants it.
    private struct Content {
        let wanted: Bool
        /// Where one without quotes stands in the record.
        var range = 0..<0
        private var bytes: [UInt8] = []

        init(wanted: Bool) { self.wanted = wanted }

        mutating func append(_ byte: UInt8) {
            if wanted { bytes.append(byte) }
        }

        func value(of record: borrowing Span<UInt8>) -> Bytes {
            if !bytes.isEmpty { return Bytes(bytes) }
            return unsafe record.extracting(range).bytes.withUnsafeBytes { unsafe Bytes(copying: $0) }
        }
    }

    private static func lengthWithoutLineBreak(_ record: borrowing Span<UInt8>) -> Int {
        var end = record.count
        guard end > 0, record[end - 1] == UInt8(ascii: "\n") else { return end }
        end -= 1
        if end > 0, record[end - 1] == UInt8(ascii: "\r") { end -= 1 }
        return end
    }

    /// Reads one field and returns where it ends: at a comma or the end of the record; nil where it is malformed.
    private static func read(
        _ record: borrowing Span<UInt8>, from start: Int, to end: Int, into content: inout Content
    ) -> Int? {
        if start < end, record[start] == UInt8(ascii: "\"") {
            return readQuoted(record, from: start + 1, to: end, into: &content)
        }
        var position = start
        while position < end, record[position] != UInt8(ascii: ",") {
            switch record[position] {
            case UInt8(ascii: "\""), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return nil
            default: position += 1
            }
        }
        content.range = start..<position
        return position
    }

    private static func readQuoted(
        _ record: borrowing Span<UInt8>, from start: Int, to end: Int, into content: inout Content
    ) -> Int? {
        var position = start
        while position < end {
            let byte = record[position]
            position += 1
            if byte == UInt8(ascii: "\"") {
                let atEnd = position == end
                if atEnd || record[position] == UInt8(ascii: ",") { return position }
                guard record[position] == byte else { return nil }
                position += 1
            }
            content.append(byte)
        }
        return nil
    }
}
