/// Reads the commands of Redis' append-only file: the effects of all scripts in the order in which they happened.
///
/// A value type; bytes go in as they are read, and what is not complete yet waits for more.
struct AppendOnlyParser {
    /// One change of Redis' data, of those that matter here.
    enum Change: Equatable {
        case set(key: [UInt8], value: [UInt8])
        case deleted(key: [UInt8])
        case emptied
    }

    private var waiting: [UInt8] = []
    private var place = 0

    /// How many bytes were taken and are not complete.
    var pending: Int { waiting.count - place }

    /// Takes bytes; gives the changes of every command that is complete, those of a transaction as a whole.
    mutating func take(_ bytes: [UInt8]) -> [Change] {
        waiting.removeFirst(place)
        place = 0
        waiting += bytes
        var changes: [Change] = []
        var transaction: [Change]?
        var committed = place
        while let words = command() {
            guard let name = words.first else { continue }
            switch String(decoding: name, as: UTF8.self).uppercased() {
            case "MULTI": transaction = []
            case "EXEC":
                changes += transaction ?? []
                transaction = nil
            case let name:
                let found = Self.changes(name, words)
                if transaction != nil { transaction? += found } else { changes += found }
            }
            if transaction == nil { committed = place }
        }
        place = committed
        return changes
    }

    private static func changes(_ name: String, _ words: [[UInt8]]) -> [Change] {
        switch name {
        case "SET" where words.count >= 3: [.set(key: words[1], value: words[2])]
        case "DEL", "UNLINK": words.dropFirst().map { .deleted(key: $0) }
        case "FLUSHALL", "FLUSHDB": [.emptied]
        default: []
        }
    }

    /// The words of the next command; nil when it is not complete. Lines of annotations are passed over.
    private mutating func command() -> [[UInt8]]? {
        var cursor = place
        while cursor < waiting.count, waiting[cursor] == UInt8(ascii: "#") {
            guard let end = waiting[cursor...].firstIndex(of: 10) else { return nil }
            cursor = end + 1
        }
        guard let count = number(after: UInt8(ascii: "*"), &cursor) else { return nil }
        var words: [[UInt8]] = []
        for _ in 0..<count {
            guard let length = number(after: UInt8(ascii: "$"), &cursor), cursor + length + 2 <= waiting.count else {
                return nil
            }
            words.append(Array(waiting[cursor..<cursor + length]))
            cursor += length + 2
        }
        place = cursor
        return words
    }

    private func number(after mark: UInt8, _ cursor: inout Int) -> Int? {
        var place = cursor
        guard place < waiting.count, waiting[place] == mark else { return nil }
        place += 1
        var value = 0
        while place < waiting.count, waiting[place] != 13 {
            value = value * 10 + Int(waiting[place]) - 48
            place += 1
        }
        guard place + 1 < waiting.count else { return nil }
        cursor = place + 2
        return value
    }
}
