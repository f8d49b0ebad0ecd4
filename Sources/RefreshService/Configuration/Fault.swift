/// A place in a configuration file.
struct Place: Sendable, Hashable {
    let file: String
    /// From 1; 0 is the file as a whole.
    let line: Int
    /// From 1, in characters; 0 is the file as a whole.
    let column: Int

    /// The file as a whole.
    static func file(_ file: String) -> Place { Place(file: file, line: 0, column: 0) }

    var text: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// Something wrong, or worth a warning, in a configuration, and its place.
///
/// Its description is one line, `file:line:column: sentence`; it never holds a secret.
public struct Fault: Sendable, Equatable, Comparable, CustomStringConvertible {
    /// The file as it was named, or found by a pattern.
    public let file: String
    /// From 1; 0 is the file as a whole.
    public let line: Int
    /// From 1, in characters; 0 is the file as a whole.
    public let column: Int
    /// What is wrong and what to do, without an end of line.
    public let sentence: String

    /// Takes all as it is.
    public init(file: String, line: Int, column: Int, sentence: String) {
        self.file = file
        self.line = line
        self.column = column
        self.sentence = sentence
    }

    init(_ place: Place, _ sentence: String) {
        self.init(file: place.file, line: place.line, column: place.column, sentence: sentence)
    }

    /// `file:line:column: sentence`, or `file: sentence` when it is about the file as a whole.
    public var description: String { line == 0 ? "\(file): \(sentence)" : "\(file):\(line):\(column): \(sentence)" }

    /// Orders by file, line, column and sentence.
    public static func < (left: Fault, right: Fault) -> Bool {
        (left.file, left.line, left.column, left.sentence) < (right.file, right.line, right.column, right.sentence)
    }
}

/// A configuration that can not be used: every fault of all its files, in the order of the files and lines.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// At least one, sorted.
    public let faults: [Fault]
    /// What was worth a warning besides, sorted.
    public let warnings: [Fault]

    /// Takes sorted lists.
    public init(faults: [Fault], warnings: [Fault] = []) {
        self.faults = faults
        self.warnings = warnings
    }

    /// One line a fault.
    public var description: String { faults.map(\.description).joined(separator: "\n") }
}
