import RefreshCore
import TestDaemon
import Testing

@testable import RefreshService

/// Bytes that the library stores, kept in `Python/vectors.txt`.
struct VectorTests {
    private let vectors = Files.read(Releases.program("vectors.txt")).split(separator: "\n").map {
        $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    @Test func theHeaderIsTheLibrarys() throws {
        #expect(vectors.count > 10)
        let header = ValueForm.dogpileHeader(microseconds: 1_760_000_000_123_456)
        for vector in vectors {
            for value in [Self.bytes(vector[1]), Self.bytes(vector[2])] { #expect(value.starts(with: header)) }
            // What stands behind it is the payload.
            #expect(Self.bytes(vector[1]).dropFirst(header.count).elementsEqual(vector[0].utf8))
        }
    }

    @Test func thePickleIsTheOneThatEachReleaseReads() throws {
        for vector in vectors {
            let json = Array(vector[0].utf8)
            #expect(try Pickle.pickle(json: json.span) == Self.bytes(vector[3]), "\(vector[0])")
        }
    }

    @Test(.enabled("dogpile.cache can not be installed") { Releases.areThere }, arguments: Releases.names)
    func theReleaseStoresTheseBytesAndReadsOurs(release: String) throws {
        _ = try Releases.run(release, "vectors.py")
    }
}
