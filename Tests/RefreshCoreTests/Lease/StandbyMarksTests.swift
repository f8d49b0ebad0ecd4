import RefreshCore
import Testing

@Suite struct StandbyMarksTests {
    private var marks = StandbyMarks(limit: 1 << 20)

    private mutating func note(_ keys: String...) {
        for key in keys {
            marks.note(.refresh(Shop.item, key: Bytes(key), parameters: Bytes(key)), in: Shop.catalogue)
        }
    }

    private mutating func hear(_ number: UInt64) { marks.heard(Nonce(instance: 1, number: number)) }

    @discardableResult
    private mutating func settle(_ number: UInt64, failing: Set<RegionID> = []) -> Bool {
        let word = OwnerWord(token: "t", nonce: Nonce(instance: 1, number: number), failing: [])
        return marks.settled(word, failing: failing, at: .zero)
    }

    private var keys: [String] {
        marks.work().keys.map { decision in
            if case .refresh(_, let key, _) = decision { key.description } else { "?" }
        }
    }

    @Test mutating func whatTheOwnerHasStoredIsForgotten() {
        note("a", "b")
        hear(1)
        note("c", "a")
        hear(2)
        note("d")
        check(settle(1), "it covers from now on")
        #expect(keys == ["a", "c", "d"], "the later event of a is not stored yet")
        check(!settle(2))
        #expect(keys == ["d"] && marks.ownerToken == "t")
    }

    @Test mutating func anOwnersWordAboutANonceThatWasNotHeardSaysNothing() {
        note("a")
        check(!settle(1))
        #expect(marks.coveredSince == nil && keys == ["a"])
    }

    @Test mutating func afterAnInterruptionTheRecordBeginsAnew() {
        hear(1)
        settle(1)
        note("a")
        marks.reset()
        #expect(marks.coveredSince == nil && keys == [])
        check(!settle(1), "the nonce was heard before the interruption")
    }

    @Test mutating func tooManyKeysBecomeTheirRegion() {
        marks.limit = 1000
        hear(1)
        for key in 0..<100 { note("\(key)") }
        #expect(marks.bytes <= 1000)
        #expect(marks.work().resyncs == [Shop.items] && keys == [])
        hear(2)
        settle(1)
        #expect(marks.work().resyncs == [Shop.items], "events of it came after the nonce")
        settle(2)
        #expect(marks.work().resyncs == [] && marks.bytes == 0)
    }

    @Test mutating func anEmptiedRegionForgetsItsKeys() {
        note("a")
        marks.note(.invalidateAll(Shop.items), in: Shop.catalogue)
        note("b")
        #expect(keys == ["b"] && marks.work().purges == [Shop.items])
    }

    @Test mutating func regionsThatFailAtTheOwnerAreResynced() {
        hear(1)
        settle(1, failing: [Shop.pages])
        #expect(marks.work().resyncs == [Shop.pages])
        hear(2)
        settle(2)
        #expect(marks.work().resyncs == [])
    }

    @Test func anOwnersWordIsReadAsItWasWritten() {
        let word = OwnerWord(token: "00ff", nonce: Nonce(instance: 3, number: 4), failing: ["a:", "b c:"])
        #expect(OwnerWord(word.text) == word)
        #expect(OwnerWord("00ff") == nil && OwnerWord("") == nil && OwnerWord("00ff\nx") == nil)
    }

    @Test mutating func aRegionOfWhichEveryKeyMayBeWrongIsMarkedAsAWhole() {
        note("a")
        marks.note(.resync(Shop.items), in: Shop.catalogue)
        note("b")
        #expect(marks.work().resyncs == [Shop.items] && keys == [] && marks.bytes == 0)
        hear(1)
        settle(1)
        #expect(marks.work().resyncs == [] && marks.regionCount == 0)
        marks.note(.invalidateAll(Shop.items), in: Shop.catalogue)
        marks.note(.resync(Shop.items), in: Shop.catalogue)
        #expect(marks.work().purges == [Shop.items] && marks.work().resyncs == [Shop.items])
    }
}
