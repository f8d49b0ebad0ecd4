import TestServers
import Testing

@testable import RefreshCore

@Suite struct ArrayLiteralTests {
    private func literal(_ type: ParameterType, _ elements: [String]) -> String {
        var literal = ArrayLiteral(of: type)
        for element in elements { literal.append(Bytes(element)) }
        literal.close()
        return Bytes(literal.bytes).description
    }

    /// The elements of an array of texts, as Postgres reads them when all are quoted.
    private func parsed(_ literal: String) -> [String]? {
        var rest = literal.unicodeScalars[...]
        guard rest.popFirst() == "{", rest.popLast() == "}" else { return nil }
        var elements: [String] = []
        while !rest.isEmpty {
            if !elements.isEmpty, rest.popFirst() != "," { return nil }
            guard rest.popFirst() == "\"" else { return nil }
            var element = String.UnicodeScalarView()
            while let scalar = rest.popFirst(), scalar != "\"" {
                guard let next = scalar == "\\" ? rest.popFirst() : scalar else { return nil }
                element.append(next)
            }
            elements.append(String(element))
        }
        return elements
    }

    @Test(
        arguments: [
            (ParameterType.int4, ["1", "-2"], "{1,-2}"), (.int4, [], "{}"), (.bool, ["true"], "{true}"),
            (.textLike("text"), ["", "NULL", "a b"], #"{"","NULL","a b"}"#),
            (.other("mood"), [#"{,}"\"#], #"{"{,}\"\\"}"#),
        ] as [(ParameterType, [String], String)]) func writes(type: ParameterType, elements: [String], expected: String)
    {
        #expect(literal(type, elements) == expected)
    }

    @Test func beginsAnew() {
        var literal = ArrayLiteral(of: .int4)
        literal.append(Bytes("1"))
        literal.close()
        literal.removeAll()
        literal.append(Bytes("2"))
        literal.close()
        #expect(literal.bytes == Array("{2}".utf8))
    }

    @Test(arguments: 1...UInt64(10)) func readsBackAsItWas(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = ["\"", "\\", ",", "{", "}", "NULL", " ", "\n", "a", "é"]
        for _ in 0..<100 {
            let elements = (0..<Int.random(in: 0...5, using: &random)).map { _ in random.text(of: pieces, most: 6) }
            #expect(parsed(literal(.textLike("text"), elements)) == elements, "seed \(seed)")
        }
    }
}
