import RefreshCore
import TestDaemon
import TestServers
import Testing

/// What Python reads of the pickles that are made of JSON.
struct PickleRoundTripTests {
    @Test(arguments: 1...UInt64(4)) func pythonReadsWhatItReadsOfTheText(seed: UInt64) throws {
        var documents = RandomDocuments(seed: seed)
        var lines = ""
        let texts = RandomDocuments.corners + (0..<2_000).map { _ in documents.next() }
        for text in texts {
            let bytes = Array(text.utf8)
            lines += "\(hexadecimal(bytes)) \(hexadecimal(try Pickle.pickle(json: bytes.span)))\n"
        }
        let scratch = try #require(ScratchFolder("rekindle-pickle"))
        defer { scratch.remove() }
        try Files.write(lines, to: "\(scratch.path)/lines")
        let read = try Command.run(
            ["python3", Releases.program("roundtrip.py")], input: "\(scratch.path)/lines", within: .seconds(60))
        #expect(read.exit == .code(0), "seed \(seed): \(read.error)")
        let figures = read.output.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        #expect(figures.first == texts.count)
        // No larger than Python makes them, keys that come again included.
        #expect(figures.count == 3 && figures[1] <= figures[2], "seed \(seed): \(figures)")
    }

    private func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}

/// JSON texts by chance, the same for the same seed.
struct RandomDocuments {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// Texts at the edges of what there is.
    static let corners = [
        "null", "true", "false", "0", "-0", "-0.0", "255", "256", "65535", "65536", "2147483647", "2147483648",
        "-1", "-128", "-129", "-2147483648", "-2147483649", "999999999", "1000000000", "9223372036854775807",
        "-9223372036854775808", "18446744073709551616", "1e400", "-1e400", "5e-324", "0.1", "1E5", "1.0",
        "123456789012345678901234567890.5", String(repeating: "9", count: 4_300),
        "-" + String(repeating: "9", count: 700),
        "\"\"", "[]", "{}", "[[],{},[{}]]", #""\ud83d\ude00\ud800\udc00x\ude00\ud800""#, #""\ud800\ud83d\ude00""#,
        #""\u0000\"\\\/\b\f\n\r\té☃😀\u00e9\uFFFF""#, " [ 1 , { \"a\" : [ ] } ]\n", #"{"a":1,"a":2}"#,
        #"[{"id":1,"name":"a"},{"id":2,"name":"b"},{"name":"c","id":3}]"#,
        String(repeating: "[", count: 512) + String(repeating: "]", count: 512),
    ]

    /// The next of them.
    mutating func next() -> String { value(depth: 0) }

    private mutating func pick(_ count: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state >> 11) % UInt64(count))
    }

    private mutating func value(depth: Int) -> String {
        switch pick(depth < 5 ? 12 : 8) {
        case 0: return ["null", "true", "false"][pick(3)]
        case 1, 2: return (pick(2) == 0 ? "-" : "") + digits(1 + pick(12))
        case 3: return (pick(2) == 0 ? "-" : "") + digits(1 + pick(600))
        case 4: return digits(1 + pick(20)) + "." + digits(1 + pick(20), leading: true)
        case 5: return digits(1 + pick(3)) + ["e", "E+", "e-"][pick(3)] + "\(pick(330))"
        case 6, 7: return string()
        case 8, 9:
            return "[" + (0..<pick(6)).map { _ in value(depth: depth + 1) }.joined(separator: [",", " , "][pick(2)])
                + "]"
        default:
            let members = (0..<pick(6)).map { number in
                (pick(3) == 0 ? string() : "\"column_\(number)\"") + ": " + value(depth: depth + 1)
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private mutating func digits(_ count: Int, leading: Bool = false) -> String {
        if count == 1 || leading { return (0..<count).map { _ in "\(pick(10))" }.joined() }
        return "\(1 + pick(9))" + (1..<count).map { _ in "\(pick(10))" }.joined()
    }

    private mutating func string() -> String {
        let pieces = [
            "a", "bc", "é", "☃", "😀", #"\""#, #"\\"#, #"\/"#, #"\n"#, #"\u0000"#, #"\u00e9"#, #"\ud83d\ude00"#,
            #"\ud800"#, #"\udc00"#, "|", " ", String(repeating: "x", count: 300),
        ]
        return "\"" + (0..<pick(8)).map { _ in pieces[pick(pieces.count)] }.joined() + "\""
    }
}
