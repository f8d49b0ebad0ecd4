/// What a cached value says, as far as the checks need it.
enum CachedValue: Equatable {
    /// A row with a list.
    struct Row: Equatable {
        var id: Int
        /// The text between the brackets.
        var items: [UInt8]
        /// The counter that every append raises with the list.
        var count: Int

        /// How many numbers the list has.
        var length: Int { items.isEmpty ? 0 : items.count { $0 == UInt8(ascii: ",") } + 1 }
    }

    case rows([Row])
    case number(Int)

    /// Reads the value of a key; nil when it is none that the key's query could have given.
    init?(_ value: [UInt8], of key: String) {
        guard let colon = key.firstIndex(of: ":") else { return nil }
        var reader = ValueReader(value)
        switch key[..<colon] {
        case "list", "brief":
            guard let row = reader.row(), reader.take("}"), reader.isAtEnd else { return nil }
            self = .rows([row])
        case "owned":
            guard reader.takeDogpileHeader(), let row = reader.row(),
                reader.take(",\"name\":\"owner of \(row.id)\"}"), reader.isAtEnd
            else { return nil }
            self = .rows([row])
        case "pair":
            guard reader.take("["), let first = reader.row(), reader.take("},"), let second = reader.row(),
                reader.take("}]"), reader.isAtEnd
            else { return nil }
            self = .rows([first, second])
        case "sum", "more":
            guard let number = reader.number(), reader.isAtEnd else { return nil }
            self = .number(number)
        case "page", "purged":
            guard reader.take("{\"id\":"), reader.number() != nil, reader.take(",\"n\":"),
                let number = reader.number(), reader.take("}"), reader.isAtEnd
            else { return nil }
            self = .number(number)
        default: return nil
        }
    }
}

/// Reads the few forms that values have, byte by byte.
struct ValueReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether all was read.
    var isAtEnd: Bool { place == bytes.count }

    /// Reads exactly this text.
    mutating func take(_ text: String) -> Bool {
        let wanted = Array(text.utf8)
        guard place + wanted.count <= bytes.count, bytes[place..<place + wanted.count].elementsEqual(wanted) else {
            return false
        }
        place += wanted.count
        return true
    }

    /// Reads a number without sign.
    mutating func number() -> Int? {
        let start = place
        var value = 0
        while place < bytes.count, place - start < 18, (48...57).contains(bytes[place]) {
            value = value * 10 + Int(bytes[place]) - 48
            place += 1
        }
        return place > start ? value : nil
    }

    /// Reads a row up to its counter.
    mutating func row() -> CachedValue.Row? {
        guard take("{\"id\":"), let id = number(), take(",\"items\":["),
            let end = bytes[place...].firstIndex(of: UInt8(ascii: "]"))
        else { return nil }
        let items = Array(bytes[place..<end])
        place = end + 1
        guard take(",\"n\":"), let count = number() else { return nil }
        return CachedValue.Row(id: id, items: items, count: count)
    }

    /// Reads dogpile.cache's metadata.
    mutating func takeDogpileHeader() -> Bool {
        guard take("{\"ct\": "), number() != nil, take("."), number() != nil else { return false }
        return take(", \"v\": 2}|")
    }
}
