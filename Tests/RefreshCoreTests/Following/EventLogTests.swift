import RefreshCore
import TestServers
import Testing

@Suite("What is kept for followers")
struct EventLogTests {
    private static let (a, b, c) = (ChannelID(0), ChannelID(1), ChannelID(2))

    private func log(_ channels: ChannelID..., limit: Int = 10_000) -> EventLog {
        var log = EventLog(epoch: 5, limit: limit)
        for channel in channels { log.begin(channel) }
        return log
    }

    private func read(_ log: EventLog, after number: UInt64, _ interest: Interest = .all, limit: Int = 100) -> String {
        var number = number
        return String(decoding: log.read(after: &number, for: interest, limit: limit), as: UTF8.self)
    }

    @Test("a reader gets what comes behind it of its channels, in order")
    func order() {
        var log = log(Self.a, Self.b)
        let start = log.last
        for text in ["1", "2", "3"] {
            log.append(Self.a) { _ in Array(text.utf8) }
            log.append(Self.b) { _ in Array("b".utf8) }
        }
        log.append(Self.c) { _ in Array("not begun".utf8) }
        log.appendForEverybody { _ in Array("!".utf8) }
        #expect(read(log, after: start) == "1b2b3b!")
        #expect(read(log, after: start, .some([Self.a])) == "123!")
        #expect(read(log, after: start, .some([Self.c])) == "!")
        #expect(read(log, after: log.last) == "")
        var place = start
        #expect(log.read(after: &place, for: .some([Self.b]), limit: 1) == Array("b".utf8))
        #expect(place == start + 2)
        #expect(log.mark == EventMark(epoch: 5, number: log.last))
    }

    @Test("who comes back goes on where it was, or learns why it can not")
    func comingBack() {
        var log = log(Self.a)
        let only = Interest.some([Self.a])
        let before = log.mark
        #expect(log.start(after: nil, for: only) == .after(log.last))
        #expect(log.start(after: before, for: only) == .after(log.last))
        log.append(Self.a) { _ in [65] }
        #expect(log.start(after: before, for: only) == .after(before.number))
        #expect(log.start(after: EventMark(epoch: 6, number: 1), for: only) == .now(.restart))
        #expect(log.start(after: EventMark(epoch: 5, number: log.last + 1), for: only) == .now(.restart))

        // Another channel that was begun later, or not at all, or anew.
        #expect(log.start(after: log.mark, for: .some([Self.a, Self.b])) == .now(.forgotten))
        let mark = log.mark
        log.begin(Self.b)
        #expect(log.start(after: mark, for: .some([Self.a, Self.b])) == .now(.forgotten))
        #expect(log.start(after: mark, for: .all) == .now(.forgotten))
        #expect(log.start(after: mark, for: only) == .after(mark.number))
        #expect(log.start(after: log.mark, for: .all) == .after(log.last))
        let paused = log.mark
        log.stop(Self.b)
        #expect(!log.keeps(after: paused.number, for: .some([Self.b])))
        log.begin(Self.b)
        #expect(log.start(after: paused, for: .some([Self.b])) == .now(.forgotten))
    }

    @Test("beyond its bound the oldest events go, and only who has missed one of its own is late")
    func bound() {
        var log = log(Self.a, Self.b, limit: 1_000)
        log.append(Self.a) { _ in [UInt8](repeating: 65, count: 10) }
        let early = log.mark
        for _ in 0..<50 {
            log.append(Self.b) { _ in [UInt8](repeating: 66, count: 36) }
            #expect(log.bytes <= 1_000)
        }
        #expect(log.keeps(after: early.number, for: .some([Self.a])))
        #expect(log.start(after: early, for: .some([Self.a])) == .after(early.number))
        #expect(read(log, after: early.number, .some([Self.a])) == "")
        #expect(!log.keeps(after: early.number, for: .some([Self.b])))
        #expect(!log.keeps(after: early.number, for: .all))
        #expect(log.start(after: early, for: .all) == .now(.forgotten))
        #expect(log.keeps(after: log.last - 10, for: .all))
        #expect(read(log, after: log.last - 2).utf8.count == 72)
        log.append(Self.a) { _ in [UInt8](repeating: 65, count: 2_000) }
        #expect(log.bytes == 0 && !log.keeps(after: log.last - 1, for: .some([Self.a])))
        #expect(log.keeps(after: log.last, for: .all))
    }

    /// Readers at random places, each with a naive list of what it should get.
    @Test("a random walk of readers gets each event once and in order, or is told that it can not", arguments: 1...20)
    func walk(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        var log = log(Self.a, Self.b, limit: 1_000)
        var sent: [(number: UInt64, channel: ChannelID, text: UInt8)] = []
        var readers = (0..<8).map { index in
            (interest: index % 2 == 0 ? Interest.all : .some([index % 4 == 1 ? Self.a : Self.b]), at: log.last)
        }
        var late = 0
        for _ in 0..<500 {
            if Int.random(in: 0..<3, using: &random) > 0 {
                let channel = Bool.random(using: &random) ? Self.a : Self.b
                let text = UInt8.random(in: 0...255, using: &random)
                log.append(channel) { _ in [text] }
                sent.append((log.last, channel, text))
                continue
            }
            let index = Int.random(in: 0..<readers.count, using: &random)
            let (interest, place) = readers[index]
            guard log.keeps(after: place, for: interest) else {
                late += 1
                readers[index].at = log.last
                continue
            }
            let limit = Int.random(in: 1...100, using: &random)
            let found = log.read(after: &readers[index].at, for: interest, limit: limit)
            let due = sent.filter { $0.number > place && interest.contains($0.channel) }.prefix(found.count)
            #expect(due.map(\.text) == found)
            if found.count < limit { #expect(readers[index].at == log.last) }
        }
        #expect(late > 0)
    }
}
