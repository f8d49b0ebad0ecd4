import RefreshCore
import Testing

@testable import RefreshService

/// A connection that takes so many chunks, and remembers what it was sent.
private final class Outlet: FollowerOutlet {
    var room = Int.max
    var text = ""
    var isFinished = false
    var isCut = false

    var isWritable: Bool { room > 0 }
    func send(_ bytes: [UInt8]) {
        room -= 1
        text += String(decoding: bytes, as: UTF8.self)
    }
    func finish() { isFinished = true }
    func cut() { isCut = true }

    var data: [String] {
        text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
    }
    var lastID: String? { text.split(separator: "\n").last { $0.hasPrefix("id: ") }.map { String($0.dropFirst(4)) } }
}

@Suite("Who follows channels gets what is next for it")
struct FanOutTests {
    private static let a = FollowedChannel(ChannelID(0), "a")
    private static let b = FollowedChannel(ChannelID(1), "b")

    private func fanOut(backlog: Int = 1 << 20) -> ChannelFanOut {
        var limits = HealthLimits()
        limits.followerBacklog = backlog
        limits.followerChunk = 100
        let fanOut = ChannelFanOut(epoch: 1, limits: limits)
        fanOut.begin(Self.a)
        fanOut.begin(Self.b)
        return fanOut
    }

    @Test("each what it follows, from when it came")
    func interests() {
        let fanOut = fanOut()
        let (all, one) = (Outlet(), Outlet())
        fanOut.append(Self.a, Bytes("before"))
        fanOut.add(all, .all, after: nil)
        fanOut.add(one, .some([Self.b.id]), after: nil)
        #expect(all.text == "retry: 1000\nid: 0000000000000001-3\n\n")
        fanOut.append(Self.a, Bytes("1"))
        fanOut.append(Self.b, Bytes("2"))
        #expect(fanOut.pump().isEmpty)
        #expect(all.data == ["1", "2"] && one.data == ["2"])
        fanOut.remove(all)
        fanOut.append(Self.b, Bytes("3"))
        _ = fanOut.pump()
        #expect(all.data == ["1", "2"] && one.data == ["2", "3"])
    }

    @Test("who comes back with its last id misses nothing, and who can not is told")
    func comingBack() {
        let fanOut = fanOut(backlog: 2_000)
        let first = Outlet()
        fanOut.add(first, .all, after: nil)
        fanOut.append(Self.a, Bytes("1"))
        _ = fanOut.pump()
        fanOut.remove(first)
        fanOut.append(Self.b, Bytes("2"))
        fanOut.append(Self.a, Bytes("3"))
        let second = Outlet()
        fanOut.add(second, .all, after: first.lastID)
        _ = fanOut.pump(second)
        #expect(second.data == ["2", "3"])
        for id in ["nonsense", "0000000000000002-1", "0000000000000001-99"] {
            let other = Outlet()
            fanOut.add(other, .all, after: id)
            #expect(other.data == ["restart"] && other.text.contains("event: rekindle:gap\n"))
        }
        for _ in 0..<20 { fanOut.append(Self.a, Bytes(String(repeating: "x", count: 100))) }
        let late = Outlet()
        fanOut.add(late, .all, after: first.lastID)
        #expect(late.data == ["forgotten"] && late.lastID == "0000000000000001-25")
        #expect(fanOut.pump(late).isEmpty && late.data.count == 1)
    }

    @Test("one that does not read holds up nobody, and is cut when it is too late for what is next")
    func slow() {
        let fanOut = fanOut(backlog: 5_000)
        let (slow, quick, other) = (Outlet(), Outlet(), Outlet())
        for outlet in [slow, quick] { fanOut.add(outlet, .all, after: nil) }
        fanOut.add(other, .some([Self.b.id]), after: nil)
        slow.room = 1
        other.room = 0
        var late: [any FollowerOutlet] = []
        for number in 1...100 {
            fanOut.append(Self.a, Bytes("\(number)"))
            for outlet in fanOut.pump() {
                late.append(outlet)
                fanOut.remove(outlet)
            }
        }
        #expect(quick.data == (1...100).map { "\($0)" })
        #expect(late.count == 1 && late.first === slow && slow.data == ["1"])
        // Nothing that it follows was given up.
        other.room = 5
        fanOut.append(Self.b, Bytes("b"))
        #expect(fanOut.pump(other).isEmpty && other.data == ["b"])
    }

    @Test("one that takes nothing for four keep-alives is cut, also when nothing is to be told")
    func stalled() {
        let fanOut = fanOut()
        let (stuck, well) = (Outlet(), Outlet())
        for outlet in [stuck, well] { fanOut.add(outlet, .all, after: nil) }
        stuck.room = 0
        for _ in 0..<3 { #expect(fanOut.tick().isEmpty) }
        #expect(fanOut.tick().first === stuck)
        #expect(well.text.hasSuffix(String(repeating: ": keep-alive\nid: 0000000000000001-2\n\n", count: 4)))
    }

    @Test("a channel that is gone ends those who named it, and those who follow all go on")
    func gone() {
        let fanOut = fanOut()
        let (named, all, other) = (Outlet(), Outlet(), Outlet())
        fanOut.add(named, .some([Self.a.id, Self.b.id]), after: nil)
        fanOut.add(all, .all, after: nil)
        fanOut.add(other, .some([Self.b.id]), after: nil)
        fanOut.append(Self.a, Bytes("last"))
        fanOut.gone(Self.a)
        #expect(named.data == ["last", "a"] && named.text.contains("event: rekindle:end\n") && named.isFinished)
        fanOut.append(Self.b, Bytes("2"))
        #expect(fanOut.pump().isEmpty || fanOut.pump().first === named)
        #expect(all.data == ["last", "2"] && other.data == ["2"] && !all.isFinished && !other.isFinished)
    }

    @Test("channels that nobody follows are let go after a while, and who comes later is told that it missed some")
    func idle() {
        let fanOut = fanOut()
        let follower = Outlet()
        fanOut.add(follower, .some([Self.a.id]), after: nil)
        for _ in 0..<3 { #expect(fanOut.idleChannels() == []) }
        #expect(fanOut.idleChannels() == [Self.b.id])
        #expect(fanOut.stopped(Self.b.id).isEmpty)
        #expect(fanOut.idleChannels() == [] && !fanOut.isIdle)
        let late = Outlet()
        fanOut.begin(Self.b)
        fanOut.add(late, .some([Self.b.id]), after: follower.lastID)
        #expect(late.data == ["forgotten"])
    }
}
