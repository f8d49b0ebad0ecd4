import Testing

/// docs/faults.md names a test, or a reason why there is none, for every row; the tests must be there.
@Suite("The table of faults names tests that exist")
struct FaultTableTests {
    private let rows: [[String]]

    init() throws {
        rows = try Repository.text("docs/faults.md").split(separator: "\n").filter {
            $0.contains(#/^\| [PRDF]\d+[a-z]? \|/#)
        }
        .map { line in line.split(separator: "|").map { String($0.drop { $0 == " " }) } }
    }

    @Test("every row of the matrix is there, once, with a test or a reason")
    func complete() {
        let families = [("P", 17), ("R", 13), ("D", 11), ("F", 7)]
        var expected = families.flatMap { family, count in (1...count).map { "\(family)\($0)" } }
        expected.insert("P9a", at: 9)
        #expect(rows.compactMap { $0.first?.split(separator: " ").first.map { String($0) } } == expected)
        for row in rows {
            #expect(row.count >= 5, "row \(row)")
            let last = row.dropFirst(4).joined()
            #expect(last.contains("`") || last.contains("Not made"), "\(row[0]) names neither a test nor a reason")
        }
    }

    @Test("every test that is named exists")
    func tests() throws {
        let sources = try Repository.sources("Tests").map(\.text)
        let text = try Repository.text("docs/faults.md")
        let named = text.matches(of: #/`([A-Z]\w+Tests)\/(\w+)`/#).map { (String($0.1), String($0.2)) }
        #expect(named.count > 40)
        for (suite, function) in named {
            let exists = sources.contains { $0.contains("struct \(suite)") && $0.contains("func \(function)(") }
            #expect(exists, "docs/faults.md names \(suite)/\(function), which is not there")
        }
    }
}
