import Testing

@testable import RefreshCore

@Suite struct ValueCellTests {
    @Test(
        arguments: [
            ("[12345]", .tooLarge(12_345)), ("\u{1}1073741823", .tooLarge(1_073_741_823)), ("\u{1}", .tooLarge(0)),
            ("\u{1}\u{1}\u{1}text", .value(from: 2)), ("\u{1}\u{1}", .value(from: 2)),
            // More digits than a size has: nothing overflows.
            ("\u{1}99999999999999999999999999", .tooLarge(999_999_999_999)),
        ] as [(String, ValueCell)]) func reads(text: String, cell: ValueCell)
    {
        #expect(ValueCell(marked: Array(text.utf8).span) == cell)
    }

    @Test func aHundredColumnsAreOneCall() {
        let names = (1...101).map { "c\($0)" }
        let size = SizeGuard.size(names, of: "r")
        #expect(size.hasSuffix("r.c100)) + octet_length(concat(r.c101))"))
        #expect(SizeGuard.size([], of: "r") == "0")
        #expect(SizeGuard(limit: 80, shape: .row, format: .hash).admits([], of: "r") == "true")
    }
}
