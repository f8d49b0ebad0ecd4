import Testing

@testable import Redis

@Suite struct CommandWriterTests {
    private func written(_ count: Int, _ write: (inout CommandWriter) -> Void) -> String {
        var writer = CommandWriter()
        writer.begin(arguments: count)
        write(&writer)
        return writer.output.withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test func aCommandIsWrittenAsRESP() {
        let text = written(5) { writer in
            writer.append("SET")
            writer.append(Array("k\r\n".utf8))
            writer.append(String("ü"))
            writer.append(-15)
            writer.appendParts([1], [])
        }
        #expect(text == "*5\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$2\r\nü\r\n$3\r\n-15\r\n$1\r\n\u{1}\r\n")
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999, 100_000, 1_000_000, 12_345_678])
    func lengthsAreDecimal(_ size: Int) {
        let text = written(1) { $0.append([UInt8](repeating: UInt8(ascii: "x"), count: size)) }
        #expect(text.utf8.count == "*1\r\n$\(size)\r\n\r\n".utf8.count + size)
        #expect(text.hasPrefix("*1\r\n$\(size)\r\n"))
        #expect(text.hasSuffix("\r\n"))
    }

    @Test(arguments: [0, 7, 10, 99, 100, 1000, -1, -100, Int.max, Int.min])
    func integersAreDecimal(_ number: Int) {
        let digits = String(number)
        #expect(written(1) { $0.append(number) } == "*1\r\n$\(digits.utf8.count)\r\n\(digits)\r\n")
    }

    @Test func theLargestCursorIsDecimal() {
        #expect(written(1) { $0.append(UInt64.max) } == "*1\r\n$20\r\n18446744073709551615\r\n")
    }

    @Test func partsMakeOneArgument() {
        let text = written(1) { writer in
            Array("ab".utf8).withUnsafeBytes { first in
                Array("|".utf8).withUnsafeBytes { second in
                    Array("cde".utf8).withUnsafeBytes { third in writer.appendParts(first, second, third) }
                }
            }
        }
        #expect(text == "*1\r\n$6\r\nab|cde\r\n")
    }

    @Test func aLiteralPrefixIsEscaped() {
        #expect(GlobPattern(prefix: Array("a*b?[c]\\d".utf8)).bytes == Array("a\\*b\\?\\[c\\]\\\\d*".utf8))
        #expect(GlobPattern("a*").bytes == Array("a*".utf8))
    }
}
