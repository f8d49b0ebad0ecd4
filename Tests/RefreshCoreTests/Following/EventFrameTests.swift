import RefreshCore
import Testing

@Suite("The text of Server-Sent Events")
struct EventFrameTests {
    private func event(_ name: String, _ payload: String) -> String {
        let line = EventFrame.nameLine(name)
        return String(decoding: EventFrame.event(nameLine: line, id: "7", payload: Bytes(payload)), as: UTF8.self)
    }

    @Test("a payload's lines are lines of data, whatever ends them")
    func lines() {
        #expect(event("data", "red") == "event: data\nid: 7\ndata: red\n\n")
        #expect(event("data", "") == "event: data\nid: 7\ndata: \n\n")
        #expect(event("data", " a") == "event: data\nid: 7\ndata:  a\n\n")
        #expect(
            event("d", "a\nb\r\nc\rd\n\ne\n").hasSuffix(
                "data: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\ndata: \n\n"))
        #expect(event("d", "\n\r").hasSuffix("7\ndata: \ndata: \ndata: \n\n"))
    }

    @Test("nothing in a name or a payload is taken for a field of its own")
    func injection() {
        #expect(
            event("a\nid: 9\r", "x\nid: 9\n\nevent: y").split(separator: "\n").allSatisfy {
                $0 == "event: a%0Aid: 9%0D" || $0 == "id: 7" || $0.hasPrefix("data: ")
            })
    }

    @Test("what is no event has no data")
    func comments() {
        #expect(EventFrame.opening(id: "a-1", retry: 1000) == Array("retry: 1000\nid: a-1\n\n".utf8))
        #expect(EventFrame.keepAlive(id: "a-1") == Array(": keep-alive\nid: a-1\n\n".utf8))
    }

    @Test("an id is read as it is spelled, and nothing else is")
    func marks() {
        for mark in [
            EventMark(epoch: 0, number: 0), EventMark(epoch: .max, number: .max), EventMark(epoch: 255, number: 7),
        ] {
            #expect(EventMark(mark.description) == mark)
        }
        #expect(EventMark(epoch: 255, number: 7).description == "00000000000000ff-7")
        for text in [
            "", "-", "0-0", "00000000000000ff", "00000000000000ff-", "00000000000000FF-7", "00000000000000ff-+7",
            "00000000000000ff-7 ", "00000000000000ff-99999999999999999999", "+0000000000000ff-7", "1526919030474-55",
        ] { #expect(EventMark(text) == nil, "\(text)") }
    }
}
