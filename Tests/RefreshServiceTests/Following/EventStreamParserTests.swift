import RefreshCore
import Testing

@testable import RefreshService

@Suite("Our own client reads Server-Sent Events")
struct EventStreamParserTests {
    private func parse(_ text: String, cut: Int) throws -> (events: [FollowedEvent], lastID: String) {
        var parser = EventStreamParser()
        var events: [FollowedEvent] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try parser.receive(rest.prefix(cut), into: &events)
            rest = rest.dropFirst(cut)
        }
        return (events, parser.lastID)
    }

    @Test("whatever ends lines, and however the bytes are cut", arguments: [1, 2, 3, 7, 1000])
    func cuts(length: Int) throws {
        let text =
            "retry: 1\nid: a\n\n: c\nevent:x\rdata: 1\r\ndata:2\r\r\nid\ndata\n\nevent: y\ndata: 3\nid: b\n\nid: c\ndata: never"
        let (events, last) = try parse(text, cut: length)
        #expect(
            events == [
                FollowedEvent(id: "a", name: "x", data: "1\n2"), FollowedEvent(id: "", name: "message", data: ""),
                FollowedEvent(id: "b", name: "y", data: "3"),
            ])
        #expect(last == "c")
    }

    @Test("what is written is what is read")
    func roundTrip() throws {
        var random = SystemRandomNumberGenerator()
        let pieces = ["\n", "\r", "a", ":", " ", "data: ", "\u{1F7E5}", "id: 9"]
        for _ in 0..<500 {
            let payload = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }
            .joined()
            let line = EventFrame.nameLine("n")
            let text = EventFrame.event(nameLine: line, id: "i", payload: Bytes(payload))
            let read = try parse(String(decoding: text, as: UTF8.self), cut: 5).events
            let whole = payload.replacing("\r\n", with: "\n").unicodeScalars.map { $0 == "\r" ? "\n" : $0 }
            var expected = ""
            expected.unicodeScalars.append(contentsOf: whole)
            #expect(read == [FollowedEvent(id: "i", name: "n", data: expected)], "\(payload.debugDescription)")
        }
    }

    @Test("what has no end is refused")
    func bound() {
        var parser = EventStreamParser(limit: 100)
        var events: [FollowedEvent] = []
        #expect(throws: EventStreamParser.TooLarge()) {
            try parser.receive([UInt8](repeating: 65, count: 101), into: &events)
        }
        #expect(throws: EventStreamParser.TooLarge()) {
            try parser.receive(Array(repeating: Array("data: 1234567890\n".utf8), count: 20).joined(), into: &events)
        }
    }
}
