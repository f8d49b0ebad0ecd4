import RefreshCore
import Testing

/// What readers are told, and when a value is made for them.
@Suite struct ReadBookTests {
    @Test func whatIsThereIsGiven() {
        var scene = ReadScene()
        check(scene.asks("A") == ["look A"])
        check(scene.redisSays(.fresh, to: "A") == ["A: hit"])
        #expect(scene.book.isEmpty)
    }

    @Test func whatIsNotThereIsMadeOnceForAllWhoAsk() {
        var scene = ReadScene()
        check(scene.asks("A") == ["look A"])
        check(scene.asks("B") == ["look B"])
        check(scene.redisSays(.nothing, to: "A") == ["store 1"])
        check(scene.redisSays(.nothing, to: "B") == [], "it joins")
        check(scene.asks("C") == [], "it joins without a look")
        check(scene.stored(1) == ["fetch 1"])
        check(scene.asks("D") == ["look D"], "what is on its way may be older than what D knows of")
        check(scene.fetched(1, .fresh) == ["A: created", "B: created", "C: created"])
        check(scene.redisSays(.fresh, to: "D") == ["D: hit"])
        #expect(scene.book.isEmpty)
    }

    @Test func keysAreMadeEachForItself() {
        var scene = ReadScene()
        _ = scene.asks("A", "1")
        _ = scene.asks("B", "2")
        check(scene.redisSays(.nothing, to: "A") == ["store 1"])
        check(scene.redisSays(.nothing, to: "B") == ["store 2"])
        check(scene.stored(2) == ["fetch 2"])
        check(scene.fetched(2, .nothing) == ["B: missing"], "there is no row")
        check(scene.stored(1, ReadScene.fault) == ["A: failed"])
        #expect(scene.book.isEmpty)
    }

    @Test func whatNoQueryMakesIsUnknownUnlessItIsThere() {
        var scene = ReadScene()
        for reader in "ABC" { check(scene.asks(reader, isKnown: false) == ["look \(reader)"]) }
        check(scene.redisSays(.fresh, to: "A") == ["A: hit"])
        check(scene.redisSays(.nothing, to: "B") == ["B: unknown"])
        check(scene.redisSaysNothing(to: "C") == ["C: unknown"])
        check(scene.redisSays(.stale, to: "C") == [])
        #expect(scene.book.isEmpty)
    }

    @Test(arguments: [(true, false), (false, true), (false, false)])
    func whatCanNotBeStoredIsMadeForItsReadersAlone(isOwner: Bool, canWrite: Bool) {
        var scene = ReadScene()
        (scene.isOwner, scene.canWrite) = (isOwner, canWrite)
        _ = scene.asks("A")
        check(scene.redisSays(.nothing, to: "A") == ["compute 1"])
        check(scene.asks("B") == [])
        scene.began(1)
        check(scene.asks("C") == [])
        check(scene.computed(1) == ["A: computed", "B: computed", "C: computed"])
        #expect(scene.book.isEmpty)
    }

    @Test func aRedisThatCanNotBeAskedHoldsNobodyUp() {
        var scene = ReadScene()
        _ = scene.asks("A", "1")
        check(scene.redisSays(.away, to: "A") == ["compute 1"], "though it could be written")
        _ = scene.asks("B", "2")
        check(scene.redisSaysNothing(to: "B") == ["compute 2"])
        check(scene.redisSaysNothing(to: "B") == [])
        check(scene.redisSays(.fresh, to: "B") == [], "it has been decided")
        check(scene.computed(2) == ["B: computed"])
        check(scene.computed(1, .failed(ReadScene.fault)) == ["A: failed"])
        #expect(scene.book.isEmpty)
    }

    @Test func whatCanNotBeStoredAnyMoreIsMadeForItsReadersAlone() {
        var scene = ReadScene()
        _ = scene.asks("A")
        check(scene.redisSays(.nothing, to: "A") == ["store 1"])
        check(scene.waited(1) == ["wait 1"])
        scene.canWrite = false
        check(scene.waited(1) == ["compute 1"])
        check(scene.waited(1) == [])
        scene.canWrite = true
        check(scene.stored(1) == [], "it is being computed")
        check(scene.computed(1) == ["A: computed"])
        check(scene.computed(1) == [] && scene.stored(1) == [])
        #expect(scene.book.isEmpty)
    }

    @Test func aRedisThatGoesAwayAfterTheStoringHoldsNobodyUp() {
        var scene = ReadScene()
        _ = scene.asks("A")
        _ = scene.redisSays(.nothing, to: "A")
        check(scene.stored(1) == ["fetch 1"])
        check(scene.waited(1) == [])
        check(scene.fetched(1, .away) == ["compute 1"])
        check(scene.fetched(1, .fresh) == [])
        check(scene.computed(1) == ["A: computed"])
    }

    @Test func whatHasEndedSaysNothingOfWhatIsMadeAgain() {
        var scene = ReadScene()
        _ = scene.asks("A")
        _ = scene.redisSays(.nothing, to: "A")
        scene.isOwner = false
        check(scene.waited(1) == ["compute 1"])
        check(scene.computed(1) == ["A: computed"])
        scene.isOwner = true
        _ = scene.asks("B")
        check(scene.redisSays(.nothing, to: "B") == ["store 2"])
        check(scene.stored(1) == [] && scene.stored(1, ReadScene.fault) == [], "of the first time")
        check(scene.stored(2) == ["fetch 2"])
        check(scene.fetched(2, .fresh) == ["B: created"])
    }
}
