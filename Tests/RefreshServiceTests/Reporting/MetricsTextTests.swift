import Testing

@testable import RefreshService

@Suite struct MetricsTextTests {
    @Test(arguments: [
        ("plain", "plain"), ("a\"b\\c\nd", "a\\\"b\\\\c\\nd"), ("\"\u{301}", "\\\"\u{301}"), ("a\r\nb", "a\r\\nb"),
    ])
    func labelsCanNotEndEarly(value: String, escaped: String) {
        var text = MetricsText()
        text.metric("m", "gauge", "Help.") { $0.value(1, [("l", value)]) }
        let expected = "# HELP m Help.\n# TYPE m gauge\nm{l=\"\(escaped)\"} 1\n"
        #expect(text.bytes == Array(expected.utf8))
    }
}
