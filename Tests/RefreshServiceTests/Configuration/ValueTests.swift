import Testing

@testable import RefreshService

@Suite("Values of the configuration")
struct ValueTests {
    @Test(
        "durations",
        arguments: [
            ("250ms", 250), ("30s", 30_000), ("5m", 300_000), ("1h", 3_600_000), ("7d", 604_800_000), ("0s", 0),
        ])
    func durations(text: String, milliseconds: Int64) throws {
        #expect(try DurationText.parse(text) == milliseconds)
        #expect(DurationText.spelling(milliseconds) == text)
    }

    @Test(
        "texts that are no durations",
        arguments: [
            "", "s", "-1s", "+1s", "1.5s", "1 s", "1S", "1h30m", "1", "0", "\u{0663}s", "99999999999999999999s",
        ]
    )
    func badDurations(text: String) { #expect(throws: Complaint.self) { try DurationText.parse(text) } }

    @Test(
        "sizes",
        arguments: [
            ("64KiB", 65_536), ("32MiB", 33_554_432), ("1GiB", 1_073_741_824), ("3B", 3),
        ])
    func sizes(text: String, bytes: Int64) throws {
        #expect(try SizeText.parse(text) == bytes)
        #expect(SizeText.spelling(bytes) == text)
    }

    @Test(
        "sizes by thousands", arguments: [("10MB", 10_000_000), ("1kB", 1_000), ("1KB", 1_000), ("2GB", 2_000_000_000)])
    func decimalSizes(text: String, bytes: Int64) throws { #expect(try SizeText.parse(text) == bytes) }

    @Test("texts that are no sizes", arguments: ["", "MiB", "-1MiB", "1.5MiB", "1Mib", "1", "9999999999GiB"])
    func badSizes(text: String) { #expect(throws: Complaint.self) { try SizeText.parse(text) } }

    @Test("addresses", arguments: ["127.0.0.1:9187", "[::1]:1", "localhost:65535"])
    func addresses(text: String) throws { #expect(try ListenAddress(text).description == text) }

    @Test(
        "texts that are no addresses", arguments: ["", ":1", "a:", "a:0", "a:65536", "::1:80", "[]:1", "a b:1", "a:+1"])
    func badAddresses(text: String) { #expect(throws: Complaint.self) { try ListenAddress(text) } }

    @Test(
        "the nearest name",
        arguments: [
            ("prefx", "prefix"), ("perfix", "prefix"), ("PREFIX", "prefix"), ("tl", "ttl"), ("on_gpa", "on_gap"),
            ("x", nil), ("", nil), ("fromage", nil), ("prefixes and more", nil),
        ])
    func nearest(name: String, expected: String?) {
        #expect(nearestName(to: name, among: ["ttl", "prefix", "on_gap", "format", "y"]) == expected)
    }

    @Test(
        "edits between names",
        arguments: [
            ("", "", 0), ("a", "", 1), ("ab", "ba", 1), ("kitten", "sitting", 3), ("abc", "acb", 1), ("ca", "abc", 3),
        ])
    func edits(left: String, right: String, distance: Int) {
        #expect(editDistance(left, right) == distance)
        #expect(editDistance(right, left) == distance)
    }

    @Test("what a file says is shown on one line, and not too long")
    func quoting() {
        #expect("a\n\u{1B}[\"\\\u{202E}\u{E9}".quoted == #""a\n\u{1b}[\"\\\u{202e}é""#)
        #expect(String(repeating: "x", count: 61).quoted == "\"\(String(repeating: "x", count: 60))…\"")
    }
}
