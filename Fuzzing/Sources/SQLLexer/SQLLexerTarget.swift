import FuzzSupport

@testable import RefreshCore

/// SQL text is cut into tokens that cover it, and each statement made of it is one SELECT with the user's text inside.
@main enum SQLLexerTarget {
    static func main() {
        fuzz { input in
            tokens(of: input)
            var choices = Choices(input)
            let count = choices.number(below: 4)
            let format = ValueFormat.allCases[choices.number(below: ValueFormat.allCases.count)]
            let result = ResultShape.allCases[choices.number(below: ResultShape.allCases.count)]
            let pieces = choices.text.pieces(separator: 0, atMost: 4).map { String(decoding: $0, as: UTF8.self) }
            select(pieces[0], count)
            statement(
                Pieces(sql: pieces[0], warm: pieces.dropFirst().first, column: pieces.dropFirst(2).first),
                count, format, result)
            return .worthKeeping
        }
    }

    private static func tokens(of text: [UInt8]) {
        do throws(StatementError) {
            let tokens = try SQLLexer.tokens(of: text)
            var end = 0
            for token in tokens {
                expect(token.range.lowerBound == end && !token.range.isEmpty, "tokens leave bytes out")
                end = token.range.upperBound
            }
            expect(end == text.count, "tokens end before the text does")
            expect(try SQLLexer.tokens(of: text) == tokens, "tokens differ from one time to the next")
        } catch {
            check(error, in: text)
        }
    }

    private static func check(_ error: StatementError, in text: [UInt8]) {
        let lines = text.count { $0 == UInt8(ascii: "\n") } + 1
        expect(error.place.map { (1...lines).contains($0.line) } ?? true, "a fault lies behind the text")
        expect(error.place.map { (1...text.count + 1).contains($0.column) } ?? true, "a fault lies beside the text")
        expect(!error.description.isEmpty, "a fault says nothing")
    }

    /// The replacement of a parameter stays what it is, whatever stands around it.
    private static func select(_ sql: String, _ count: Int) {
        do throws(StatementError) {
            let select = try SelectText(sql, parameterCount: count)
            let unchanged = select.unchanged
            expect(try SelectText(unchanged, parameterCount: count).unchanged == unchanged, "a SELECT changes")
            let rewritten = Array(select.rewritten { "(k.p\($0))" }.utf8)
            let before = try SQLLexer.tokens(of: Array(unchanged.utf8))
            let after = try SQLLexer.tokens(of: rewritten)
            expect(before.flatMap { kinds($0.kind) } == after.map(\.kind), "rewriting changes what the text means")
        } catch {
            check(error, in: Array(sql.utf8))
        }
    }

    private static func kinds(_ kind: SQLToken.Kind) -> [SQLToken.Kind] {
        guard case .parameter = kind else { return [kind] }
        return [.openParenthesis, .word, .symbol, .word, .closeParenthesis]
    }
}
