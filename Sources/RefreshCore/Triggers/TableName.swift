/// The name of a table, with its schema or without; compared as bytes, as Postgres does.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
    /// The schema; nil for the first in the search path that has such a table.
    public let schema: String?
    /// The name inside the schema.
    public let name: String

    /// Takes both as Postgres spells them.
    public init(schema: String?, name: String) {
        self.schema = schema
        self.name = name
    }

    /// Reads `table` or `schema.table`. Names are taken as they are, in their case; one with a dot in it, or with a
    /// double quote at its beginning, is written in double quotes, and a quote in it twice.
    ///
    /// Returns nil for what is neither, or has a name that Postgres does not take.
    public init?(_ spelling: String) {
        var parts: [String] = []
        var rest = Array(spelling.unicodeScalars)[...]
        while true {
            guard let (part, end) = Self.part(of: rest), (1...63).contains(part.utf8.count),
                !part.utf8.contains(0)
            else { return nil }
            parts.append(part)
            rest = rest[end...]
            if rest.isEmpty { break }
            rest = rest.dropFirst()
        }
        guard let name = parts.last, parts.count <= 2 else { return nil }
        self.init(schema: parts.count == 2 ? parts[0] : nil, name: name)
    }

    /// The first part, and where the dot behind it is, or the end.
    private static func part(of text: ArraySlice<Unicode.Scalar>) -> (String, Int)? {
        var part = ""
        guard text.first == "\"" else {
            let end = text.firstIndex(of: ".") ?? text.endIndex
            part.unicodeScalars.append(contentsOf: text[..<end])
            return (part, end)
        }
        var place = text.startIndex + 1
        while place < text.endIndex {
            if text[place] == "\"" {
                let next = place + 1
                if next == text.endIndex || text[next] == "." { return (part, next) }
                guard text[next] == "\"" else { return nil }
                place = next
            }
            part.unicodeScalars.append(text[place])
            place += 1
        }
        return nil
    }

    /// The name as SQL writes it.
    public var sql: String { (schema.map { SQLSpelling.identifier($0) + "." } ?? "") + SQLSpelling.identifier(name) }

    /// The name for people, on one line.
    public var description: String { SQLSpelling.onOneLine((schema.map { $0 + "." } ?? "") + name) }

    /// Compares bytes.
    public static func == (left: Self, right: Self) -> Bool {
        left.name.utf8.elementsEqual(right.name.utf8)
            && (left.schema.map { Array($0.utf8) } == right.schema.map { Array($0.utf8) })
    }

    /// Feeds the bytes.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(schema.map { Bytes($0) })
        hasher.combine(Bytes(name))
    }
}
