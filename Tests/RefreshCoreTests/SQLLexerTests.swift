import TestServers
import Testing

@testable import RefreshCore

@Suite struct SQLLexerTests {
    /// The texts of the parameters found, in order.
    private func parameters(_ sql: String) throws -> [Int] {
        try SQLLexer.tokens(of: Array(sql.utf8)).compactMap {
            if case .parameter(let number) = $0.kind { number } else { nil }
        }
    }

    @Test(
        arguments: [
            ("SELECT $1", [1]),
            ("$1$2", [1, 2]),
            ("1$2", [2]),
            ("1e5$2 1.5$3 .5$4 1..$5", [2, 3, 4, 5]),
            ("1e$2", []),
            ("$01 $0", [1, 0]),
            ("$99999999999999999999", [Int.max]),
            ("a$1 _$1 é$1 a1$1", []),
            ("$1a $1AND", [1, 1]),
            ("$1::int[] @$1 =$1", [1, 1, 1]),
            ("'$1' '''$1' '\\' $1", [1]),
            ("E'\\'$1' $2", [2]),
            ("e'\\\\' $1", [1]),
            ("fooE'\\' $1", [1]),
            ("E'''$1' $2", [2]),
            ("E'a'\n'\\'$1' $2", [2]),
            ("E'a' -- c\n --d\n 'b\\'$1' $2", [2]),
            ("E'a' 'b\\' $1", [1]),
            ("'a'\n'b\\' $1", [1]),
            ("E'a'\n/* */'b\\' $1", [1]),
            ("U&'\\' $1 U&\"$2\\\" $3 u&'$4'", [1, 3]),
            ("N'\\' $1 B'01' $2", [1, 2]),
            ("\"$1\" \"a\"\"$1\" \"'\" $2", [2]),
            ("$$ $1 $$ $2", [2]),
            ("$a$ $1 $b$ $$ $a$ $2", [2]),
            ("$a$ $A$ $1 $a$$2", [2]),
            ("$é$ $1 $é$", []),
            ("1$$ $1 $$", []),
            ("a$$ $1", [1]),
            ("$1$$ $2 $$ $3", [1, 3]),
            ("$a $1", [1]),
            ("-- $1 ' \n$2", [2]),
            ("-- $1\r$2", [2]),
            ("a--$1", []),
            ("/* $1 /* ' */ $2 */ $3", [3]),
            ("/*/ $1 */ $2", [2]),
            ("a*/* $1 */ $2", [2]),
            ("<--$1\n$2", [2]),
            ("- - $1 / * $2", [1, 2]),
        ] as [(String, [Int])]) func findsParameters(sql: String, expected: [Int]) throws
    {
        #expect(try parameters(sql) == expected)
    }

    @Test(
        arguments: [
            ("SELECT 'a", StatementError.Problem.unclosedString, 1, 8),
            ("SELECT\n  'a''", .unclosedString, 2, 3),
            ("E'\\'", .unclosedString, 1, 1),
            ("E'\\", .unclosedString, 1, 1),
            ("é \"a\"\"", .unclosedIdentifier, 1, 3),
            ("a U&\"b", .unclosedIdentifier, 1, 3),
            ("\n\n $$ a $", .unclosedDollarQuote, 3, 2),
            ("$a$ $b$ $A$", .unclosedDollarQuote, 1, 1),
            ("a /* /* */", .unclosedComment, 1, 3),
            ("/*/", .unclosedComment, 1, 1),
            ("'a\0'", .nulByte, 1, 3),
            ("a -- \0", .nulByte, 1, 6),
        ] as [(String, StatementError.Problem, Int, Int)]) func tellsWhereWhatHasNoEndBegins(
            sql: String, problem: StatementError.Problem, line: Int, column: Int
        )
    {
        let error = #expect(throws: StatementError.self) { try SQLLexer.tokens(of: Array(sql.utf8)) }
        #expect(error?.problem == problem)
        #expect(error?.place?.line == line)
        #expect(error?.place?.column == column)
    }

    @Test(arguments: 1...UInt64(20)) func tokensJoinToTheText(seed: UInt64) {
        let pieces = [
            "'", "''", "\"", "$", "$$", "$a$", "$1", "E'", "U&'", "\\", "--", "/*", "*/", "\n", "\r", " ", ";", "(",
            ")",
            ",", "::", ":", "1", "1.e", "1e5", ".", "e", "é", "a$1", "SELECT", "\u{0}", "{", "\u{1F600}",
        ]
        var random = SeededGenerator(seed: seed)
        var whole = 0
        for _ in 0..<300 {
            let text = Array(random.text(of: pieces, most: 24).utf8)
            guard let tokens = try? SQLLexer.tokens(of: text) else { continue }
            whole += 1
            #expect(Array(tokens.map { text[$0.range] }.joined()) == text, "seed \(seed)")
            #expect(tokens.allSatisfy { !$0.range.isEmpty }, "seed \(seed)")
        }
        #expect(whole > 20, "seed \(seed)")
    }
}
