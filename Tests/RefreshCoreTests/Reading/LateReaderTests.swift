import RefreshCore
import Testing

/// Readers whose time is over are told so once, and what they have caused ends.
@Suite struct LateReaderTests {
    @Test func othersAreAnsweredAllTheSame() {
        var scene = ReadScene()
        for reader in "AB" { _ = scene.asks(reader) }
        check(scene.redisSays(.nothing, to: "A") == ["store 1"])
        check(scene.redisSays(.nothing, to: "B") == [])
        check(scene.late("A") == ["A: late"])
        check(scene.late("A") == [])
        check(scene.stored(1) == ["fetch 1"])
        check(scene.fetched(1, .fresh) == ["B: created"])
        check(scene.late("B") == [])
        #expect(scene.book.isEmpty)
    }

    @Test func aValueThatIsBeingStoredIsStoredThoughNobodyWaits() {
        var scene = ReadScene()
        _ = scene.asks("A")
        check(scene.redisSays(.nothing, to: "A") == ["store 1"])
        check(scene.late("A") == ["A: late"])
        check(scene.asks("B") == [], "it finds it under way")
        check(scene.late("B") == ["B: late"])
        check(scene.stored(1) == [], "nobody is left to be told")
        #expect(scene.book.isEmpty)
    }

    @Test func aValueThatCanNotBeStoredIsNotMadeForNobody() {
        var scene = ReadScene()
        _ = scene.asks("A")
        _ = scene.redisSays(.nothing, to: "A")
        _ = scene.late("A")
        scene.isOwner = false
        check(scene.waited(1) == [])
        #expect(scene.book.isEmpty)
    }

    @Test func whatIsInLineForNobodyIsLeftOut() {
        var scene = ReadScene()
        for reader in "AB" { _ = scene.asks(reader) }
        check(scene.redisSays(.away, to: "A") == ["compute 1"])
        check(scene.redisSays(.away, to: "B") == [])
        check(scene.late("A") == ["A: late"], "B waits")
        check(scene.late("B") == ["B: late", "abandon 1"])
        #expect(scene.book.isEmpty)
    }

    /// Who asks again and again with little time would otherwise never get a value that takes longer.
    @Test func whatRunsIsGivenToWhoAsksNext() {
        var scene = ReadScene()
        _ = scene.asks("A")
        check(scene.redisSays(.away, to: "A") == ["compute 1"])
        scene.began(1)
        check(scene.late("A") == ["A: late"])
        check(scene.asks("B") == [])
        check(scene.computed(1) == ["B: computed"])
        #expect(scene.book.isEmpty)
    }

    @Test func whoIsLateBeforeRedisAnswersIsToldNothingMore() {
        var scene = ReadScene()
        for reader in "ABCDE" { _ = scene.asks(reader, "\(reader)", isKnown: reader != "E") }
        for reader in "ABCDE" { check(scene.late(reader) == ["\(reader): late"]) }
        check(scene.late("A") == [])
        check(scene.redisSays(.fresh, to: "A") == [])
        check(scene.redisSays(.away, to: "B") == [], "nobody waits for what could not be stored")
        check(scene.redisSays(.nothing, to: "C") == ["store 1"], "what was asked for goes on")
        check(scene.stored(1) == [])
        check(scene.redisSays(.stale, to: "D") == ["renew 2"])
        scene.renewed(2)
        check(scene.redisSaysNothing(to: "E") == [])
        #expect(!scene.book.isEmpty, "Redis may yet answer")
        check(scene.redisSays(.nothing, to: "E") == [])
        #expect(scene.book.isEmpty)
    }

    @Test func memoryDoesNotGrowWithThoseWhoLeave() {
        var book = ReadBook(atMost: 16)
        var looks = 0
        for reader in 1...UInt64(20) {
            let key = CacheKey(region: Shop.items, key: Bytes("\(reader)"))
            let actions = book.asks(reader, for: key, maker: (Shop.item, key.key))
            if actions == [.look(reader: reader, key)] {
                looks += 1
                check(book.late(reader) == [.answer(reader: reader, .late)])
            } else {
                // Redis is asked enough, and has answered nothing.
                guard case .compute(let fill)? = actions.first else { return check(false, "\(actions)") }
                check(book.late(reader) == [.answer(reader: reader, .late), .abandon(fill)])
            }
        }
        #expect(looks == 16)
    }

    @Test func noMoreIsStoredForReadersAtOnceThanMemoryIsGivenTo() {
        var book = ReadBook(atMost: 16)
        var stored = 0
        for reader in 1...UInt64(20) {
            let key = CacheKey(region: Shop.items, key: Bytes("\(reader)"))
            _ = book.asks(reader, for: key, maker: (Shop.item, key.key))
            let actions = book.looked(reader, .nothing, isOwner: true, canWrite: true, isQueued: false)
            if case .store? = actions.first { stored += 1 }
            _ = book.late(reader)
        }
        #expect(stored == 16, "the others are given what is made for them alone")
    }
}
