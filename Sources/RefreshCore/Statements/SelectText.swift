/// One SELECT of the user's, read as far as rewriting it needs: where its parameters are, and where it ends.
///
/// It can stand within parentheses as it is: it is a single statement, its own parentheses balance, the final
/// semicolon is gone, and whoever writes it puts a line break behind it for the comment it may end with.
/// Whether Postgres accepts it is left to Postgres.
public struct SelectText: Sendable, Equatable {
    /// How many parameters the text was read with; each is used at least once.
    public let parameterCount: Int
    private let text: [UInt8]
    private let tokens: [SQLToken]

    /// Reads SQL with parameters `$1…$count`; throws the first fault, with its place.
    public init(_ sql: String, parameterCount: Int) throws(StatementError) {
        let text = Array(sql.utf8)
        var tokens = try SQLLexer.tokens(of: text)
        try Self.dropFinalSemicolons(&tokens, of: text)
        try Self.checkBeginning(tokens, of: text)
        try Self.checkParentheses(tokens, of: text)
        try Self.checkParameters(tokens, count: parameterCount, of: text)
        self.text = text
        self.tokens = tokens
        self.parameterCount = parameterCount
    }

    /// The SQL with each parameter as `spelling` writes it, by its number from 1.
    func rewritten(_ spelling: (Int) -> String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 64)
        for token in tokens {
            if case .parameter(let number) = token.kind {
                result.append(contentsOf: spelling(number).utf8)
            } else {
                result.append(contentsOf: text[token.range])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The SQL with its `$n` as they are.
    var unchanged: String { rewritten { "$\($0)" } }

    /// Whether the letters stand anywhere in the text, in any case.
    func contains(_ lowercase: String) -> Bool {
        let wanted = Array(lowercase.utf8)
        guard wanted.count <= text.count else { return false }
        return (0...(text.count - wanted.count)).contains { start in
            zip(text[start...], wanted).allSatisfy { ($0.isASCIILetter ? $0 | 0x20 : $0) == $1 }
        }
    }

    /// Whether a parameter, alone or only cast, may be an output column that nobody named.
    ///
    /// Postgres names such a column after what stands there, so that it would be named otherwise once the
    /// parameter is rewritten. True may be too cautious, false is sure.
    var mayNameColumnAfterParameter: Bool { OutputList.mayHoldUnnamedParameter(tokens, of: text) }

    private static func dropFinalSemicolons(_ tokens: inout [SQLToken], of text: [UInt8]) throws(StatementError) {
        let last = tokens.lastIndex { $0.isSignificant && $0.kind != .semicolon } ?? tokens.startIndex
        guard let first = tokens.firstIndex(where: { $0.kind == .semicolon }) else { return }
        if first < last {
            let next = tokens[first...].first { $0.isSignificant && $0.kind != .semicolon }
            let offset = next?.range.lowerBound ?? tokens[first].range.lowerBound
            throw StatementError(.severalStatements, at: offset, in: text)
        }
        tokens.removeAll { $0.kind == .semicolon }
    }

    private static func checkBeginning(_ tokens: [SQLToken], of text: [UInt8]) throws(StatementError) {
        guard let first = tokens.first(where: { $0.isSignificant && $0.kind != .openParenthesis }) else {
            guard let parenthesis = tokens.first(where: \.isSignificant) else {
                throw StatementError(.empty)
            }
            throw StatementError(.unclosedParenthesis, at: parenthesis.range.lowerBound, in: text)
        }
        let word = text[first.range]
        guard first.kind == .word, ["select", "with", "values", "table"].contains(word.lowercased) else {
            throw StatementError(
                .notSelect(String(decoding: word.prefix(30), as: UTF8.self)), at: first.range.lowerBound, in: text)
        }
    }

    private static func checkParentheses(_ tokens: [SQLToken], of text: [UInt8]) throws(StatementError) {
        var open: [Int] = []
        for token in tokens {
            if token.kind == .openParenthesis { open.append(token.range.lowerBound) }
            if token.kind == .closeParenthesis, open.popLast() == nil {
                throw StatementError(.strayParenthesis, at: token.range.lowerBound, in: text)
            }
        }
        if let unclosed = open.last { throw StatementError(.unclosedParenthesis, at: unclosed, in: text) }
    }

    private static func checkParameters(
        _ tokens: [SQLToken], count: Int, of text: [UInt8]
    ) throws(StatementError) {
        var used = Set<Int>()
        var lastParameter: SQLToken?
        for token in tokens {
            guard case .parameter(let number) = token.kind else { continue }
            guard (1...max(count, 1)).contains(number), count > 0 else {
                throw StatementError(
                    .unknownParameter(number: number, count: count), at: token.range.lowerBound, in: text)
            }
            used.insert(number)
            lastParameter = token
        }
        guard used.count < count, let unused = (1...count).first(where: { !used.contains($0) }) else { return }
        let nearest = lastParameter ?? tokens.last(where: \.isSignificant)
        throw StatementError(.unusedParameter(number: unused), at: nearest?.range.lowerBound ?? 0, in: text)
    }
}
