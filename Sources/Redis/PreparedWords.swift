/// Words in the form in which they are sent, made once for many commands.
public struct PreparedWords: Sendable {
    let bytes: [UInt8]

    /// Makes the words of the middle or the end of a command.
    public init(_ words: [String]) {
        bytes = words.flatMap { Array("$\($0.utf8.count)\r\n\($0)\r\n".utf8) }
    }

    /// Makes the beginning of a command that has so many words, these included.
    public init(beginning words: [String], of count: Int) {
        bytes = Array("*\(count)\r\n".utf8) + PreparedWords(words).bytes
    }

    /// Makes whole commands.
    init(commands: [String]...) {
        bytes = commands.flatMap { PreparedWords(beginning: $0, of: $0.count).bytes }
    }
}

extension CommandWriter {
    /// Appends words that have their form already, or begins a command of a transaction by them.
    public mutating func append(_ words: PreparedWords) { append(formatted: words.bytes) }

    /// Begins the next command of a transaction, which has so many words with its name.
    public mutating func begin(_ name: StaticString, words count: Int) {
        begin(arguments: count)
        append(name)
    }
}
