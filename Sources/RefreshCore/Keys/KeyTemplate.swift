/// What makes the key of a set of parameters, and finds the parameters of a key: `{id}`, `{kind}:{id}`, `front`.
///
/// `{{` and `}}` stand for single braces. Two names must have text between them, or two sets of parameters
/// could make one key.
public struct KeyTemplate: Sendable, Equatable {
    /// A part of a template.
    public enum Part: Sendable, Equatable {
        case literal([UInt8])
        case name(String)
    }

    /// The template as it was spelled.
    public let spelling: String
    /// Literals and names, in order.
    public let parts: [Part]
    /// The names in the order they stand in.
    public let names: [String]

    /// Reads a template; throws what is wrong with it.
    public init(_ spelling: String) throws(KeyTemplateError) {
        self.spelling = spelling
        parts = try Self.parse(spelling)
        names = parts.compactMap { if case .name(let name) = $0 { name } else { nil } }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw .repeatedName(name)
        }
    }

    /// How many bytes of a key are the template's own text; the more, the better a key that fits is known.
    public var literalCount: Int {
        parts.reduce(0) { sum, part in if case .literal(let text) = part { sum + text.count } else { sum } }
    }

    private static func parse(_ spelling: String) throws(KeyTemplateError) -> [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var rest = spelling.utf8[...]
        while let byte = rest.popFirst() {
            let doubled = rest.first == byte
            switch byte {
            case UInt8(ascii: "{") where !doubled:
                guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { throw .unclosed }
                let name = String(decoding: rest[..<end], as: UTF8.self)
                guard !name.isEmpty else { throw .emptyName }
                rest = rest[rest.index(after: end)...]
                if !literal.isEmpty {
                    parts.append(.literal(literal))
                    literal = []
                } else if case .name(let before) = parts.last {
                    throw .adjacentNames(before, name)
                }
                parts.append(.name(name))
            case UInt8(ascii: "}") where !doubled:
                throw .strayBrace
            case UInt8(ascii: "{"), UInt8(ascii: "}"):
                rest.removeFirst()
                literal.append(byte)
            default:
                literal.append(byte)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }
}

/// What is wrong with a key template.
public enum KeyTemplateError: Error, Equatable, CustomStringConvertible {
    case unclosed
    case emptyName
    case strayBrace
    case adjacentNames(String, String)
    case repeatedName(String)

    /// What is wrong and how to spell it, without a full stop.
    public var description: String {
        switch self {
        case .unclosed: "a '{' has no '}' after it; write '{{' for a brace of the key"
        case .emptyName: "'{}' names no parameter; write '{{}}' for braces of the key"
        case .strayBrace: "a '}' has no '{' before it; write '}}' for a brace of the key"
        case .adjacentNames(let first, let second):
            "'{\(first)}{\(second)}' needs text between the two, or different parameters could make the same key"
        case .repeatedName(let name): "'{\(name)}' stands in it twice"
        }
    }
}
