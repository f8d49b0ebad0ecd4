/// A piece of SQL text: what it is, and where its bytes are.
struct SQLToken: Equatable {
    enum Kind: Equatable {
        case whitespace, comment
        /// A keyword or an unquoted identifier.
        case word
        /// `"…"` or `U&"…"`.
        case quotedIdentifier
        /// `'…'`, `E'…'`, `U&'…'` or `$tag$…$tag$`.
        case string
        case number
        /// `$n`; a number too large for Postgres stands as `Int.max`.
        case parameter(Int)
        /// `::`
        case cast
        case comma, semicolon, openParenthesis, closeParenthesis
        /// Any other single byte.
        case symbol
    }

    let kind: Kind
    /// The token's bytes within the text; tokens leave no byte out.
    let range: Range<Int>

    /// Whether the token means something to Postgres.
    var isSignificant: Bool { kind != .whitespace && kind != .comment }
}

/// A place in SQL text, for people: both count from 1, the column in characters.
public struct SQLPlace: Hashable, Sendable, CustomStringConvertible {
    /// The line, from 1.
    public let line: Int
    /// The column, from 1, in characters (Unicode scalars).
    public let column: Int
    /// `line 1, column 8`
    public var description: String { "line \(line), column \(column)" }

    init(of offset: Int, in text: [UInt8]) {
        var line = 1
        var column = 1
        for byte in text.prefix(offset) {
            if byte == UInt8(ascii: "\n") {
                line += 1
                column = 1
            } else if byte & 0b1100_0000 != 0b1000_0000 {
                column += 1
            }
        }
        self.line = line
        self.column = column
    }
}
