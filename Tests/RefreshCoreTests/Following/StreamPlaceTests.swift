import RefreshCore
import TestServers
import Testing

@Suite("Followers of a Redis stream")
struct StreamPlaceTests {
    private func id(_ number: UInt64) -> StreamID { StreamID(milliseconds: number, sequence: 0) }

    @Test("ids are read and compared as Redis does")
    func ids() {
        #expect(StreamID("1526919030474-55") == StreamID(milliseconds: 1_526_919_030_474, sequence: 55))
        #expect(StreamID("0") == .zero && StreamID("5")?.description == "5-0")
        for text in ["", "-", "5-", "-5", "a-1", "5-x", "+5-1", "$", "5-1-1", "99999999999999999999-0"] {
            #expect(StreamID(text) == nil, "\(text)")
        }
        #expect(id(9) < id(10) && StreamID(milliseconds: 9, sequence: 2) < StreamID(milliseconds: 9, sequence: 10))
    }

    @Test("one that keeps up takes what comes for all")
    func keepingUp() {
        var place = StreamPlace(after: id(1))
        check(place.read(canTake: true) == id(1))
        check(place.read(canTake: true) == nil)
        check(!place.received(last: nil, isWhole: true, hasMore: false))
        check(place.read(canTake: true) == nil)
        check(place.came(after: id(1), last: id(4), canTake: true))
        check(place.position == id(4) && place.read(canTake: true) == nil)
    }

    @Test("one that is behind reads for itself, and only as it takes")
    func behind() {
        var place = StreamPlace(after: id(1))
        check(place.read(canTake: true) == id(1))
        check(!place.came(after: id(1), last: id(2), canTake: true), "what is being read would come twice")
        check(!place.received(last: id(2), isWhole: true, hasMore: false))
        check(place.read(canTake: true) == nil)
        check(!place.came(after: id(2), last: id(3), canTake: false))
        check(place.read(canTake: false) == nil)
        check(place.read(canTake: true) == id(2))
        check(!place.received(last: id(3), isWhole: true, hasMore: true))
        check(place.read(canTake: true) == id(3))
    }

    @Test("what was trimmed before it could be read is told, and an empty stream begins anew")
    func trimmed() {
        var place = StreamPlace(after: id(5))
        check(place.read(canTake: true) == id(5))
        check(place.received(last: id(9), isWhole: false, hasMore: false))
        check(place.position == id(9))
        place.grew(to: id(10))
        check(place.read(canTake: true) == id(9))
        check(place.received(last: nil, isWhole: false, hasMore: false))
        check(place.position == .zero && place.read(canTake: true) == nil)
        place.grew(to: id(2))
        check(place.read(canTake: true) == .zero)
        check(!place.received(last: id(2), isWhole: false, hasMore: false), "nothing can be missing from the beginning")
    }

    /// A stream that grows and is trimmed, one reader for all, and followers that take or do not.
    @Test("a random walk of followers gets each entry once, in order, or is told", arguments: 1...30)
    func walk(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var entries: [StreamID] = []
        var added: [StreamID] = []
        var next: UInt64 = 1
        var tail = StreamID.zero
        var followers = (0..<4).map { _ in
            (place: StreamPlace(after: .zero), heard: [StreamID](), hasGap: false, asked: StreamID?.none)
        }
        func step(_ index: Int, canTake: Bool) {
            if let from = followers[index].place.read(canTake: canTake) { followers[index].asked = from }
        }
        for round in 0..<800 {
            let isLast = round >= 700
            switch Int.random(in: 0..<6, using: &random) {
            case 0 where !isLast:
                entries.append(id(next))
                added.append(id(next))
                next += 1
            case 1 where !isLast && seed % 2 == 0 && entries.count > 3:
                entries.removeFirst(Int.random(in: 1...3, using: &random))
            case 2:
                let found = entries.filter { $0 > tail }.prefix(5)
                guard let last = found.last else { break }
                for index in followers.indices {
                    let canTake = isLast || Bool.random(using: &random)
                    // What was trimmed before it was read for all is for each to find out.
                    if tail != .zero, !entries.contains(tail) {
                        followers[index].place.grew(to: last)
                    } else if followers[index].place.came(after: tail, last: last, canTake: canTake) {
                        followers[index].heard += found
                    }
                    step(index, canTake: canTake)
                }
                tail = last
            default:
                let index = Int.random(in: 0..<4, using: &random)
                if let from = followers[index].asked {
                    followers[index].asked = nil
                    let found = entries.filter { $0 >= from }.prefix(4)
                    let behind = found.filter { $0 > from }
                    let isGap = followers[index].place.received(
                        last: behind.last, isWhole: found.first == from, hasMore: found.count == 4)
                    followers[index].heard += behind
                    followers[index].hasGap = followers[index].hasGap || isGap
                }
                step(index, canTake: isLast || Bool.random(using: &random))
            }
        }
        for follower in followers {
            #expect(follower.heard == follower.heard.sorted() && Set(follower.heard).count == follower.heard.count)
            #expect(follower.heard.last == entries.last)
            let missing = Set(added).subtracting(follower.heard)
            #expect(follower.hasGap || missing.allSatisfy { $0 < follower.heard[0] })
            if seed % 2 == 1 { #expect(follower.heard == entries && !follower.hasGap) }
        }
    }
}
