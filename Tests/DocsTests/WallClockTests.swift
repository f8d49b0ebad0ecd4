import Testing

@Suite("The wall clock decides nothing")
struct WallClockTests {
    /// Where it is only shown: in log lines, messages and documents.
    private let shown = ["Sources/RefreshService/Text/WallClock.swift", "Sources/Systemd/LogTime.swift"]

    @Test("only what shows the time of day reads it; timers are monotonic, so that a clock that jumps moves nothing")
    func readers() throws {
        let reading = #/CLOCK_REALTIME|CLOCK_TAI|gettimeofday|timespec_get|\btime\(nil|SystemClock|\bDate\(/#
        let readers = try Repository.sources("Sources").filter { $0.text.contains(reading) }.map(\.path)
        #expect(readers.sorted() == shown.sorted())
    }

    @Test("what is shown is shown: nobody compares it")
    func uses() throws {
        for (path, text) in try Repository.sources("Sources") where !shown.contains(path) {
            for line in text.split(separator: "\n") where line.contains("WallClock.") || line.contains("LogTime.now") {
                #expect(!line.contains(#/[<>]=? |if |guard |while /#), "\(path): \(line)")
            }
        }
    }
}
