import Glibc
import Logging
import Testing

@testable import Systemd

@Suite struct StandardErrorTests {
    @Test func linesForPeople() throws {
        let line = LogLine(
            form: .dated, time: LogTime(seconds: 1_795_230_000, milliseconds: 7), level: .info,
            message: "ready\n\u{9b}2J",
            metadata: [("keys", "12"), ("note", "a \"b\""), ("mark", "\"\u{301}"), ("empty", "")])
        let text = String(decoding: line.bytes(droppedLines: 0), as: UTF8.self)
        #expect(
            text
                == "2026-11-21T03:00:00.007Z info ready\\n\\u{9b}2J keys=12 note=\"a \\\"b\\\"\" mark=\"\\\"\u{301}\" empty=\"\"\n"
        )
    }

    @Test func linesForTheManager() throws {
        let line = LogLine(
            form: .prioritized, time: .now, level: .error, message: "no", metadata: [("code", "5")])
        let text = String(decoding: line.bytes(droppedLines: 3), as: UTF8.self)
        #expect(text == "<3>(3 lines dropped before this one) no code=5\n")
    }

    @Test func aLineFitsAPipeWhole() {
        let line = LogLine(
            form: .dated, time: .now, level: .info, message: String(repeating: "é", count: 9_000), metadata: [])
        let bytes = line.bytes(droppedLines: 0)
        #expect(bytes.count <= LogLine.limit)
        #expect(bytes.last == 10)
        #expect(String(validating: bytes, as: UTF8.self) != nil)
    }

    @Test func neverWaitsForAReader() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        let sink = LineSink(descriptor: ends[1])
        let logger = Logger(label: "") { _ in StandardErrorLogHandler(form: .prioritized, sink: sink, logLevel: .info) }
        for _ in 0..<1_000 { logger.info("\(String(repeating: "x", count: 1_000))") }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        let kept = read(ends[0], &buffer, buffer.count) / 1_004
        #expect(kept < 1_000)
        logger.info("after")
        let count = read(ends[0], &buffer, buffer.count)
        let text = String(decoding: buffer[..<count], as: UTF8.self)
        #expect(text == "<6>(\(1_000 - kept) lines dropped before this one) after\n")
    }

    @Test func theManagersStreamIsKnownByDeviceAndInode() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { ends.forEach { close($0) } }
        var status = stat()
        try #require(fstat(ends[1], &status) == 0)
        #expect(LogDestination.isStream("\(status.st_dev):\(status.st_ino)", descriptor: ends[1]))
        #expect(!LogDestination.isStream("\(status.st_dev):\(status.st_ino + 1)", descriptor: ends[1]))
        #expect(!LogDestination.isStream("", descriptor: ends[1]))
    }

    @Test func formFollowsTheReader() {
        #expect(LogDestination.form(managed: true, isTerminal: false) == .prioritized)
        #expect(LogDestination.form(managed: true, isTerminal: true) == .dated)
        #expect(LogDestination.form(managed: false, isTerminal: false) == .dated)
    }
}
