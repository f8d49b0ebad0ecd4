/// Cuts SQL text into tokens by the rules of Postgres' own scanner, with `standard_conforming_strings` on.
///
/// It knows just enough to never take text for code: quotes, dollar quotes and nested comments. Where Postgres
/// would refuse the text anyway it may go on; it never finds a `$n` where Postgres finds none, nor misses one.
/// Joining the bytes of all tokens gives the text back.
struct SQLLexer {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    /// All tokens of a text; throws at what has no end, and at a NUL byte, where Postgres would stop reading.
    static func tokens(of text: [UInt8]) throws(StatementError) -> [SQLToken] {
        if let nul = text.firstIndex(of: 0) { throw StatementError(.nulByte, at: nul, in: text) }
        var lexer = SQLLexer(text)
        var tokens: [SQLToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private mutating func next() throws(StatementError) -> SQLToken? {
        guard let first = byte(0) else { return nil }
        let start = position
        let kind = try scan(first)
        return SQLToken(kind: kind, range: start..<position)
    }

    private mutating func scan(_ first: UInt8) throws(StatementError) -> SQLToken.Kind {
        switch first {
        case let space where space.isSQLSpace:
            skip(while: \.isSQLSpace)
            return .whitespace
        case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
            skip { !$0.isSQLNewline }
            return .comment
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
            try skipBlockComment()
            return .comment
        case UInt8(ascii: "'"):
            try skipString(from: position, backslashes: false)
            return .string
        case UInt8(ascii: "\""):
            try skipQuoted(by: UInt8(ascii: "\""), from: position, unclosed: .unclosedIdentifier)
            return .quotedIdentifier
        case UInt8(ascii: "$"): return try scanDollar()
        case let letter where letter.isSQLIdentifierStart: return try scanWord(letter)
        case let digit where digit.isDigit: return scanNumber()
        case UInt8(ascii: ".") where byte(1)?.isDigit == true: return scanNumber()
        default: return scanSymbol(first)
        }
    }

    private mutating func scanSymbol(_ first: UInt8) -> SQLToken.Kind {
        position += 1
        switch first {
        case UInt8(ascii: ":") where byte(0) == first:
            position += 1
            return .cast
        case UInt8(ascii: ","): return .comma
        case UInt8(ascii: ";"): return .semicolon
        case UInt8(ascii: "("): return .openParenthesis
        case UInt8(ascii: ")"): return .closeParenthesis
        default: return .symbol
        }
    }

    private mutating func scanWord(_ first: UInt8) throws(StatementError) -> SQLToken.Kind {
        if first | 0x20 == UInt8(ascii: "e"), byte(1) == UInt8(ascii: "'") {
            position += 1
            try skipString(from: position - 1, backslashes: true)
            return .string
        }
        if first | 0x20 == UInt8(ascii: "u"), byte(1) == UInt8(ascii: "&") {
            if byte(2) == UInt8(ascii: "'") {
                position += 2
                try skipString(from: position - 2, backslashes: false)
                return .string
            }
            if byte(2) == UInt8(ascii: "\"") {
                position += 2
                try skipQuoted(by: UInt8(ascii: "\""), from: position - 2, unclosed: .unclosedIdentifier)
                return .quotedIdentifier
            }
        }
        skip(while: \.isSQLIdentifierPart)
        return .word
    }

    /// Digits, a fraction and an exponent; a `$` or letter behind them begins a token of its own.
    private mutating func scanNumber() -> SQLToken.Kind {
        skip(while: \.isDigit)
        if byte(0) == UInt8(ascii: "."), byte(1) != UInt8(ascii: ".") {
            position += 1
            skip(while: \.isDigit)
        }
        if let exponent = byte(0), exponent | 0x20 == UInt8(ascii: "e") {
            let sign = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-") ? 1 : 0
            if byte(1 + sign)?.isDigit == true {
                position += 1 + sign
                skip(while: \.isDigit)
            }
        }
        return .number
    }

    /// `$1`, a dollar quote, or a stray `$`, which Postgres refuses.
    private mutating func scanDollar() throws(StatementError) -> SQLToken.Kind {
        let start = position
        position += 1
        if byte(0)?.isDigit == true {
            skip(while: \.isDigit)
            return .parameter(text[(start + 1)..<position].saturatedDecimal)
        }
        if byte(0)?.isSQLIdentifierStart == true {
            skip { $0.isSQLIdentifierPart && $0 != UInt8(ascii: "$") }
        }
        guard byte(0) == UInt8(ascii: "$") else {
            position = start + 1
            return .symbol
        }
        position += 1
        let delimiter = text[start..<position]
        while position + delimiter.count <= text.count {
            if text[position...].starts(with: delimiter) {
                position += delimiter.count
                return .string
            }
            position += 1
        }
        throw StatementError(.unclosedDollarQuote, at: start, in: text)
    }

    private mutating func skipBlockComment() throws(StatementError) {
        let start = position
        var depth = 0
        repeat {
            switch (byte(0), byte(1)) {
            case (nil, _): throw StatementError(.unclosedComment, at: start, in: text)
            case (UInt8(ascii: "/"), UInt8(ascii: "*")):
                depth += 1
                position += 2
            case (UInt8(ascii: "*"), UInt8(ascii: "/")):
                depth -= 1
                position += 2
            default: position += 1
            }
        } while depth > 0
    }

    /// A string from its first quote, with the pieces that follow on later lines: SQL joins them into one, and
    /// they obey the rules of the first.
    private mutating func skipString(from start: Int, backslashes: Bool) throws(StatementError) {
        while true {
            try skipQuoted(by: UInt8(ascii: "'"), from: start, backslashes: backslashes, unclosed: .unclosedString)
            guard let next = continuation() else { return }
            position = next
        }
    }

    /// The offset of the quote that continues the string which ends here: there must be a line break between,
    /// and nothing else but space and `--` comments.
    private func continuation() -> Int? {
        var ahead = self
        var sawNewline = false
        while let byte = ahead.byte(0) {
            if byte == UInt8(ascii: "'") { return sawNewline ? ahead.position : nil }
            if byte == UInt8(ascii: "-"), ahead.byte(1) == byte {
                ahead.skip { !$0.isSQLNewline }
            } else if byte.isSQLSpace {
                sawNewline = sawNewline || byte.isSQLNewline
                ahead.position += 1
            } else {
                return nil
            }
        }
        return nil
    }

    private mutating func skipQuoted(
        by quote: UInt8, from start: Int, backslashes: Bool = false, unclosed: StatementError.Problem
    ) throws(StatementError) {
        position += 1
        while let current = byte(0) {
            if current == quote {
                if byte(1) != quote {
                    position += 1
                    return
                }
                position += 2
            } else if backslashes, current == UInt8(ascii: "\\"), byte(1) != nil {
                position += 2
            } else {
                position += 1
            }
        }
        throw StatementError(unclosed, at: start, in: text)
    }

    private func byte(_ ahead: Int) -> UInt8? {
        position + ahead < text.count ? text[position + ahead] : nil
    }

    private mutating func skip(while belongs: (UInt8) -> Bool) {
        while let byte = byte(0), belongs(byte) { position += 1 }
    }
}

extension UInt8 {
    /// Postgres' space of 16 and later; before, a vertical tab was refused.
    var isSQLSpace: Bool { self == 0x20 || (0x09...0x0D).contains(self) }
    var isSQLNewline: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isASCIILetter: Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20) }
    var isSQLIdentifierStart: Bool { isASCIILetter || self == UInt8(ascii: "_") || self >= 0x80 }
    var isSQLIdentifierPart: Bool { isSQLIdentifierStart || isDigit || self == UInt8(ascii: "$") }
}

extension ArraySlice<UInt8> {
    /// The number that decimal digits spell, or `Int.max` where it does not fit.
    fileprivate var saturatedDecimal: Int {
        var value = 0
        for digit in self {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(digit & 0x0F))
            if overflow || carry { return Int.max }
            value = sum
        }
        return value
    }
}
