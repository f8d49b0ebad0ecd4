import RefreshCore
import Testing

@Suite struct RegionKeeperTests {
    private static func keeper() -> RegionKeeper {
        RegionKeeper(Shop.catalogue, limits: .init(bytes: 1 << 20, workers: 2), seed: 7, at: .zero)
    }

    /// An owner whose start is answered.
    private static func owner() -> RegionKeeper {
        var keeper = keeper()
        keeper.feedRestored(at: .zero)
        keeper.promoted(replacing: "", at: .zero)
        keeper.feedProven(at: .zero)
        keeper.passAll()
        return keeper
    }

    /// A standby that knows what the owner has stored.
    private static func standby() -> RegionKeeper {
        var keeper = keeper()
        keeper.feedRestored(at: .zero)
        keeper.feedProven(at: .zero)
        keeper.heardAny(Nonce(instance: 1, number: 1))
        keeper.ownerSaid(OwnerWord(token: "t", nonce: Nonce(instance: 1, number: 1), failing: []), at: .zero)
        return keeper
    }

    @Test func theStartIsAGapUntilEveryRegionWasPassedOver() {
        var keeper = Self.keeper()
        check(keeper.gaps.isOpen && !keeper.hasWarmed)
        keeper.feedRestored(at: .second(1))
        check(keeper.passes.isQuiet, "who does not own writes nothing")
        keeper.promoted(replacing: "", at: .second(2))
        check(keeper.passes.pending == 3)
        keeper.feedProven(at: .second(3))
        keeper.passAll()
        check(!keeper.gaps.isOpen && keeper.hasWarmed)
        check(keeper.takeEffects().answered.map(\.cause) == [.start])
    }

    @Test func aGapEndsOnlyWhenANotificationHasProvenTheFeed() {
        var keeper = Self.owner()
        keeper.feedLost(since: .second(3), at: .second(5))
        keeper.feedRestored(at: .second(6))
        keeper.passAll()
        check(keeper.gaps.isOpen)
        keeper.feedProven(at: .second(7))
        check(!keeper.gaps.isOpen)
        check(keeper.gaps.gaps.last?.cause == .listener)
        check(keeper.gaps.gaps.last?.from == .second(3) && keeper.gaps.gaps.last?.until == .second(7))
    }

    @Test func anEventDuringARefreshOfBeforeTheGapRunsItAgain() throws {
        var keeper = Self.owner()
        keeper.queue.item("a")
        let batch = try keeper.queue.takeBatch(at: .zero).orThrow()
        keeper.feedLost(since: .zero, at: .zero)
        keeper.feedRestored(at: .zero)
        keeper.queue.finish(batch, .stored(except: []), at: .zero)
        check(keeper.queue.takeBatch(at: .zero)?.keys == ["a"])
    }

    @Test func aStandbyMarksAndANewOwnerDoesWhatIsMarkedAndNoMore() {
        var keeper = Self.standby()
        check(!keeper.gaps.isOpen && keeper.hasWarmed)
        keeper.apply(.refresh(Shop.item, key: Bytes("a"), parameters: Bytes("a")), event: nil, at: .second(1))
        check(keeper.queue.keyCount == 0 && keeper.marks.count == 1)
        keeper.promoted(replacing: "t", at: .second(2))
        check(keeper.passes.isQuiet && keeper.gaps.isOpen)
        check(keeper.queue.takeBatch(at: .second(2))?.keys == ["a"])
    }

    @Test func aTakeoverIsAnsweredWhenTheMarkedKeysAreStored() throws {
        var keeper = Self.standby()
        keeper.apply(.refresh(Shop.item, key: Bytes("a"), parameters: Bytes("a")), event: nil, at: .second(1))
        keeper.promoted(replacing: "t", at: .second(2))
        keeper.queue.finish(
            try keeper.queue.takeBatch(at: .second(2)).orThrow(), .stored(except: []), at: .second(3))
        let due = keeper.queue.takeDue()
        #expect(due.map(\.purpose) == [.pass(nil)])
        keeper.caughtUp(at: .second(3))
        check(!keeper.gaps.isOpen)
        let gap = try #require(keeper.gaps.gaps.last)
        #expect(gap.cause == .takeover && gap.keys == 1 && gap.repaired == .second(3))
    }

    @Test(arguments: ["u", ""]) func aFenceThatTheOwnerDidNotLeaveMeansAResync(fence: String) {
        var keeper = Self.standby()
        keeper.promoted(replacing: fence, at: .second(2))
        check(keeper.passes.pending == 3)
    }

    @Test func aStandbyThatMissedSomethingResyncs() {
        var keeper = Self.standby()
        keeper.feedLost(since: .second(1), at: .second(1))
        keeper.feedRestored(at: .second(2))
        keeper.promoted(replacing: "t", at: .second(3))
        check(keeper.passes.pending == 3)
        keeper = Self.standby()
        keeper.redisWatchedAnew()
        keeper.promoted(replacing: "t", at: .second(3))
        check(keeper.passes.pending == 3)
    }

    @Test func aFormerOwnerForgetsItsWork() {
        var keeper = Self.owner()
        keeper.queue.item("a")
        keeper.want(.resync, Shop.pages)
        keeper.demoted(at: .second(1))
        check(keeper.queue.keyCount == 0 && keeper.passes.isQuiet && keeper.role == .standby)
        keeper.promoted(replacing: "t", at: .second(2))
        check(keeper.passes.pending == 3)
    }

    @Test func theOwnerSaysOnlyWhatIsStored() throws {
        var keeper = Self.owner()
        let nonce = Nonce(instance: 1, number: 1)
        keeper.queue.item("a", at: .second(1))
        keeper.heardOwn(nonce, at: .second(2))
        check(keeper.word(token: "t", at: .second(2)) == nil)
        _ = try keeper.queue.takeBatch(at: .second(2)).orThrow()
        let batch = try keeper.queue.takeBatch(at: .second(2)).orThrow()
        keeper.queue.item("b", at: .second(3))
        keeper.queue.finish(batch, .stored(except: []), at: .second(4))
        check(keeper.word(token: "t", at: .second(4)) == OwnerWord(token: "t", nonce: nonce, failing: []))
        keeper.want(.resync, Shop.pages)
        check(keeper.word(token: "t", at: .second(5)) == nil)
    }

    @Test func aRegionThatCouldNotBeFilledKeepsItsGapOpen() throws {
        var keeper = Self.owner()
        keeper.redisLost(at: .second(1))
        while let (region, _) = keeper.nextPass() {
            keeper.passEnded(region, completed: true, filled: region != Shop.pages, at: .second(2))
        }
        check(keeper.gaps.isOpen && keeper.ages(at: .second(9)) == [nil, .seconds(8), nil])
        keeper.want(.resync, Shop.pages)
        let next = try keeper.nextPass().orThrow()
        keeper.passEnded(next.region, completed: true, at: .second(3))
        check(!keeper.gaps.isOpen && keeper.ages(at: .second(9)) == [nil, nil, nil])
    }

    @Test func theAgeOfARegionIsThatOfItsOldestEventOrOfTheGap() {
        var keeper = Self.owner()
        check(keeper.ages(at: .second(9)) == [nil, nil, nil])
        keeper.queue.item("a", at: .second(4))
        check(keeper.ages(at: .second(9)) == [.seconds(5), nil, nil])
        keeper.feedLost(since: .second(2), at: .second(3))
        check(keeper.ages(at: .second(9)) == [.seconds(7), .seconds(7), .seconds(7)])
    }

    // MARK: Whole tables

    /// It was heard, so it is no gap; the region's age tells of it.
    @Test func aWholeTableIsPassedOverAndIsNoGap() throws {
        var keeper = Self.owner()
        let event = keeper.queue.message(at: .second(1))
        keeper.apply(.resync(Shop.items), event: event, at: .second(1))
        keeper.apply(.resync(Shop.items), event: nil, at: .second(3))
        if let event { keeper.queue.seal(event) }
        check(!keeper.gaps.isOpen && keeper.takeEffects().isPassWanted)
        check(keeper.ages(at: .second(9)) == [.seconds(8), nil, nil])
        check(keeper.queue.takeDue().isEmpty, "its messages wait for the pass")
        let next = try keeper.nextPass().orThrow()
        check(next.region == Shop.items && next.kind == .resync)
        keeper.passEnded(Shop.items, completed: true, at: .second(4))
        check(keeper.ages(at: .second(9)) == [nil, nil, nil] && keeper.nextPass() == nil)
        #expect(keeper.queue.takeDue().count == 1)
    }

    /// A pass that runs has read some keys before the table changed.
    @Test func aWholeTableDuringAPassMeansAnotherPass() throws {
        var keeper = Self.owner()
        keeper.apply(.resync(Shop.items), event: nil, at: .second(1))
        _ = try keeper.nextPass().orThrow()
        keeper.apply(.resync(Shop.items), event: nil, at: .second(2))
        check(keeper.takeEffects().superseded.isEmpty)
        keeper.passEnded(Shop.items, completed: true, at: .second(3))
        check(keeper.ages(at: .second(9)) == [.seconds(8), nil, nil])
        check(keeper.nextPass()?.region == Shop.items)
        keeper.passEnded(Shop.items, completed: false, at: .second(4))
        check(keeper.ages(at: .second(9)) == [.seconds(8), nil, nil] && keeper.nextPass() != nil)
        keeper.passEnded(Shop.items, completed: true, at: .second(5))
        check(keeper.ages(at: .second(9)) == [nil, nil, nil])
    }

    @Test func whatIsInFlightWhenAWholeTableChangesRunsAgain() throws {
        var keeper = Self.owner()
        keeper.queue.item("a")
        let batch = try keeper.queue.takeBatch(at: .zero).orThrow()
        keeper.apply(.resync(Shop.items), event: nil, at: .second(1))
        keeper.queue.finish(batch, .stored(except: []), at: .second(1))
        check(keeper.queue.takeBatch(at: .second(1))?.keys == ["a"])
    }

    @Test func aNewOwnerPassesOverAWholeTableThatWasMarked() {
        var keeper = Self.standby()
        keeper.apply(.resync(Shop.pages), event: nil, at: .second(1))
        check(keeper.passes.isQuiet && keeper.marks.regionCount == 1)
        keeper.promoted(replacing: "t", at: .second(2))
        check(keeper.passes.pending == 1 && keeper.nextPass()?.region == Shop.pages)
    }

    /// A standby must not forget a whole table that the owner could not fill again.
    @Test func aRegionThatCouldNotBeFilledIsToldToStandbys() throws {
        var keeper = Self.owner()
        let nonce = Nonce(instance: 1, number: 1)
        keeper.apply(.resync(Shop.pages), event: nil, at: .second(1))
        keeper.heardOwn(nonce, at: .second(2))
        check(keeper.word(token: "t", at: .second(2)) == nil)
        _ = try keeper.nextPass().orThrow()
        keeper.passEnded(Shop.pages, completed: true, filled: false, at: .second(3))
        check(keeper.word(token: "t", at: .second(3))?.failing == ["pages:"])
        check(keeper.ages(at: .second(9)) == [nil, .seconds(8), nil])
    }
}

extension RegionKeeper {
    /// Carries out every pass that is wanted.
    fileprivate mutating func passAll() {
        while let (region, _) = nextPass() { passEnded(region, completed: true, at: .zero) }
    }
}
