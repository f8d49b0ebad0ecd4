import RefreshCore
import Testing

/// Stale values are given at once, and refreshed behind the answer.
@Suite struct RenewalTests {
    @Test func aStaleValueIsRefreshedOnceForAllWhoFindIt() {
        var scene = ReadScene()
        for reader in "AB" { _ = scene.asks(reader) }
        check(scene.redisSays(.stale, to: "A") == ["renew 1", "A: stale"])
        check(scene.redisSays(.stale, to: "B") == ["B: stale"])
        check(scene.asks("C") == ["look C"], "it is not made to wait")
        check(scene.redisSays(.stale, to: "C") == ["C: stale"])
        scene.renewed(1)
        #expect(scene.book.isEmpty)
        _ = scene.asks("D")
        check(scene.redisSays(.stale, to: "D") == ["renew 2", "D: stale"], "it is stale again")
    }

    /// Redis answered them before the value was written, and they are told only now.
    @Test func whoIsToldLateOfTheFormerValueCausesNothing() {
        var scene = ReadScene()
        for reader in "ABC" { _ = scene.asks(reader) }
        check(scene.redisSays(.stale, to: "A") == ["renew 1", "A: stale"])
        _ = scene.asks("D")
        check(scene.redisSaysNothing(to: "C") == ["compute 2"])
        scene.renewed(1)
        check(scene.computed(2) == ["C: computed"])
        check(scene.asks("E", "another") == ["look E"])
        _ = scene.asks("F")
        check(scene.redisSays(.fresh, to: "F") == ["F: hit"])
        check(scene.redisSays(.stale, to: "B") == ["B: stale"], "it asked before the refresh began")
        check(scene.redisSays(.stale, to: "C") == [])
        check(scene.redisSays(.stale, to: "D") == ["D: stale"], "it asked while it ran; F, after, takes nobody's place")
        _ = scene.asks("G")
        check(scene.redisSays(.stale, to: "G") == ["renew 3", "G: stale"])
    }

    /// Those who ask after it was done do not keep it in mind.
    @Test func aRenewalIsForgottenThoughThereIsAlwaysAReader() {
        var scene = ReadScene()
        for reader in "AB" { _ = scene.asks(reader) }
        check(scene.redisSays(.stale, to: "A") == ["renew 1", "A: stale"])
        scene.renewed(1)
        _ = scene.asks("C")
        check(scene.redisSays(.fresh, to: "B") == ["B: hit"])
        _ = scene.asks("D")
        check(scene.redisSays(.stale, to: "C") == ["renew 2", "C: stale"])
        check(scene.redisSays(.stale, to: "D") == ["D: stale"], "the second is under way")
        scene.renewed(2)
        #expect(scene.book.isEmpty)
    }

    @Test func whatIsRefreshedAnywayOrByOthersIsNotRenewed() {
        var scene = ReadScene()
        for reader in "ABC" { _ = scene.asks(reader, isKnown: reader != "C") }
        scene.isQueued = true
        check(scene.redisSays(.stale, to: "A") == ["A: stale"])
        (scene.isQueued, scene.isOwner) = (false, false)
        check(scene.redisSays(.stale, to: "B") == ["B: stale"])
        scene.isOwner = true
        check(scene.redisSays(.stale, to: "C") == ["C: stale"], "no query makes it")
        #expect(scene.book.isEmpty)
    }

    @Test func noMoreIsRenewedAtOnceThanMemoryIsGivenTo() {
        var book = ReadBook(atMost: 16)
        var renewed = 0
        for reader in 1...UInt64(20) {
            let key = CacheKey(region: Shop.items, key: Bytes("\(reader)"))
            _ = book.asks(reader, for: key, maker: (Shop.item, key.key))
            let actions = book.looked(reader, .stale, isOwner: true, canWrite: true, isQueued: false)
            check(actions.last == .answer(reader: reader, .stale(ReadScene.value)))
            if case .renew? = actions.first { renewed += 1 }
        }
        #expect(renewed == 16)
    }
}
