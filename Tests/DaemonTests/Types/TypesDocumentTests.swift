import Glibc
import TestDaemon
import Testing

/// The manual says of types what the tests show.
struct TypesDocumentTests {
    private static let path =
        #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        + "/docs/types.md"

    @Test("docs/types.md is what its tables say; `make types` writes it")
    func isCurrent() throws {
        if getenv("REKINDLE_WRITE_TYPES") != nil { try Files.write(TypesDocument.text, to: Self.path) }
        let isCurrent = Files.read(Self.path) == TypesDocument.text
        #expect(isCurrent, "docs/types.md is out of date: run make types")
    }
}
