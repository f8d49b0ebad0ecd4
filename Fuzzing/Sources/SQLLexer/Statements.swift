import FuzzSupport

@testable import RefreshCore

/// What an input says of one query.
struct Pieces {
    let sql: String
    let warm: String?
    /// The name of the one column that the query returns.
    let column: String?
}

extension SQLLexerTarget {
    private static let types: [ParameterType] = [.int4, .textLike("text"), .other("numeric")]

    static func statement(_ pieces: Pieces, _ count: Int, _ format: ValueFormat, _ result: ResultShape) {
        let names = (0..<count).map { "p\($0)" }
        let spelling = names.isEmpty ? "k" : names.map { "{\($0)}" }.joined(separator: ":")
        guard let key = try? KeyTemplate(spelling) else { return expect(false, "the template of the test is wrong") }
        let query = Query(
            name: QueryName("q"), region: RegionName("r"), key: key, parameters: names, sql: pieces.sql,
            result: result, missing: .delete, warm: pieces.warm)
        func make() throws(StatementError) -> BatchedStatement {
            try BatchedStatement(
                query, format: format, types: Array(types.prefix(count)), columns: [pieces.column ?? "c"])
        }
        guard let made = try? make() else { return }
        expect((try? make()) == made, "statements differ from one time to the next")
        if let batched = made.batched { expectOne(batched, parameters: count) }
        expectOne(made.single, parameters: count)
        for text in [made.warm, made.warmJoined, made.warmKeys].compactMap(\.self) { expectOne(text, parameters: 0) }
    }

    /// The user's text has not broken out of the parentheses that it was put in.
    private static func expectOne(_ text: String, parameters: Int) {
        do throws(StatementError) {
            _ = try SelectText(text, parameterCount: parameters)
        } catch {
            expect(false, "a statement of ours is none: \(error)")
        }
        expect(text.hasPrefix("SELECT "), "a statement of ours begins otherwise")
    }
}
