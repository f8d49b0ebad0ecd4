import RefreshCore
import Testing

struct SampleBookTests {
    private static func sample(_ key: String = "1") -> SampleBook.Case {
        SampleBook.Case(region: Shop.items, key: Bytes(key), query: Shop.item, parameters: Bytes(key))
    }

    private static func book() -> SampleBook {
        SampleBook(interval: .seconds(5), delays: [.seconds(1), .seconds(10)], at: .zero)
    }

    @Test func aKeyIsSampledEachInterval() {
        var book = Self.book()
        check(book.next(at: .zero) == .wait(until: .second(5)))
        check(book.next(at: .second(5)) == .sample)
        check(book.looked(Self.sample(), .same, at: .second(5)) == .result(.right))
        book.sampled(since: .second(5), at: .second(5))
        check(book.next(at: .second(5)) == .wait(until: .second(10)))
    }

    @Test func aQueryThatTakesLongIsSampledTheLessOften() {
        var book = Self.book()
        book.sampled(since: .second(5), at: .second(7))
        check(book.next(at: .second(7)) == .wait(until: .second(45)), "a twentieth of the time at most")
    }

    @Test func whatDiffersIsLookedAtAgainBeforeItIsSuspect() throws {
        var book = Self.book()
        check(book.looked(Self.sample(), .other, at: .second(5)) == .again)
        book.sampled(since: .second(5), at: .second(5))
        check(book.next(at: .second(5)) == .wait(until: .second(6)))
        guard case .look(let second) = book.next(at: .second(6)) else { throw Trouble.noLook }
        #expect(second.key == Bytes("1") && second.looks == 1)
        // It became right by itself.
        var other = book
        check(other.looked(second, .same, at: .second(6)) == .result(.late))
        check(book.looked(second, .other, at: .second(6)) == .again)
        // Ten seconds after the first look, not after the second.
        check(book.next(at: .second(6)) == .wait(until: .second(10)))
        check(book.next(at: .second(10)) == .sample)
        book.sampled(since: .second(10), at: .second(10))
        guard case .look(let third) = book.next(at: .second(15)) else { throw Trouble.noLook }
        check(book.looked(third, .other, at: .second(15)) == .suspect)
        check(book.next(at: .second(14)) == .wait(until: .second(15)), "it is not looked at again")
    }

    @Test func whatNobodyCanSayIsNotCounted() {
        var book = Self.book()
        check(book.looked(Self.sample(), .unknown, at: .second(5)) == .none)
        check(book.next(at: .second(4)) == .wait(until: .second(5)))
    }

    @Test func noMoreAreLookedAtAgainThanMemoryIsGivenTo() {
        var book = Self.book()
        for key in 0..<32 { _ = book.looked(Self.sample("\(key)"), .other, at: .second(5)) }
        book.sampled(since: .zero, at: .zero)
        check(book.next(at: .milliseconds(5_500)) == .wait(until: .second(6)), "no sample, though one is due")
        book.postpone(until: .second(100))
        check(book.next(at: .second(50)) == .wait(until: .second(100)))
    }

    @Test func onlyWhatNothingExcusesIsWrong() {
        var evidence = SampleBook.Evidence()
        #expect(SampleBook.judge(evidence) == .result(.wrong))
        evidence.isYoung = true
        #expect(SampleBook.judge(evidence) == .result(.late), "an event came")
        evidence = .init()
        evidence.isSame = true
        #expect(SampleBook.judge(evidence) == .result(.late), "it became right")
        evidence = .init()
        evidence.isSameInBulk = true
        #expect(SampleBook.judge(evidence) == .result(.right), "it was right all the time")
        evidence = .init()
        evidence.isSteady = false
        #expect(SampleBook.judge(evidence) == .result(.late), "the row changed just now")
        evidence.isSteadyAtOnce = false
        #expect(SampleBook.judge(evidence) == .volatile)
        // What changes all the time and has an event on the way is not volatile.
        evidence.isYoung = true
        #expect(SampleBook.judge(evidence) == .result(.late))
    }

    private enum Trouble: Error { case noLook }
}

extension Moment {
    fileprivate static func milliseconds(_ count: Int64) -> Moment { .zero + .milliseconds(count) }
}

struct SampleRecordTests {
    @Test func theShareIsOfTheLastThousand() {
        var record = SampleRecord()
        #expect(record.rightShare == nil && record.nines == 0)
        record.add(.wrong)
        #expect(record.rightShare == 0 && record.nines == 0)
        for _ in 0..<999 { record.add(.right) }
        #expect(record.rightShare == 0.999 && record.samples == 1_000 && record.nines == 3)
        record.add(.right)
        #expect(record.rightShare == 1, "the wrong one is forgotten")
        record.add(.late)
        #expect(record.rightShare == 0.999)
        #expect(record.count(.right) == 1_000 && record.count(.late) == 1 && record.count(.wrong) == 1)
    }

    static let nines: [(right: Int, others: Int, nines: Int)] = [
        (1, 0, 0), (9, 0, 0), (10, 0, 1), (99, 0, 1), (100, 0, 2), (1_000, 0, 3), (9, 1, 1), (89, 11, 0), (90, 10, 1),
        (99, 1, 2), (990, 10, 2), (999, 1, 3), (989, 11, 1), (0, 5, 0),
    ]

    @Test(arguments: nines) func ninesAreNoMoreThanTheSamplesTell(right: Int, others: Int, nines: Int) {
        var record = SampleRecord()
        for _ in 0..<right { record.add(.right) }
        for _ in 0..<others { record.add(.late) }
        #expect(record.nines == nines)
    }
}

struct CachedImageTests {
    private static func field(_ name: String, _ value: String) -> CachedImage.Field {
        .init(name: Array(name.utf8), value: Array(value.utf8))
    }

    @Test func aHashHasNoOrder() {
        let one = CachedImage(fields: [Self.field("a", "1"), Self.field("b", "2")])
        #expect(one == CachedImage(fields: [Self.field("b", "2"), Self.field("a", "1")]))
        #expect(one != CachedImage(fields: [Self.field("a", "2"), Self.field("b", "1")]))
        #expect(one != CachedImage(fields: [Self.field("a", "1")]))
        #expect(CachedImage(fields: []) == .absent)
    }

    @Test func valuesAreComparedByteForByte() {
        #expect(CachedImage.value(Array("caf\u{e9}".utf8)) != .value(Array("cafe\u{301}".utf8)))
        #expect(CachedImage.value([]) != .absent)
        #expect(CachedImage.foreign != .absent)
    }
}

struct OwnReadsTests {
    private static let key = Bytes("7")

    @Test func aReadByTheDaemonIsNone() {
        var reads = OwnReads()
        #expect(reads.untouchedFor(Self.key, in: Shop.items, idleSeconds: 3, at: .second(100)) == nil)
        reads.note(Self.key, in: Shop.items, idleSeconds: 60, at: .second(100))
        // Redis says ten seconds; nobody but the daemon has touched it for seventy.
        #expect(reads.untouchedFor(Self.key, in: Shop.items, idleSeconds: 10, at: .second(110)) == .seconds(70))
        #expect(reads.untouchedFor(Self.key, in: Shop.pages, idleSeconds: 10, at: .second(110)) == nil)
        // Again by the daemon.
        reads.note(Self.key, in: Shop.items, idleSeconds: 10, at: .second(110))
        #expect(reads.untouchedFor(Self.key, in: Shop.items, idleSeconds: 5, at: .second(115)) == .seconds(75))
        // By somebody else, at 113.
        #expect(reads.untouchedFor(Self.key, in: Shop.items, idleSeconds: 2, at: .second(115)) == nil)
        reads.note(Self.key, in: Shop.items, idleSeconds: 2, at: .second(115))
        #expect(reads.untouchedFor(Self.key, in: Shop.items, idleSeconds: 1, at: .second(116)) == .seconds(3))
    }

    @Test func onlySoManyAreRemembered() {
        var reads = OwnReads()
        for key in 0...4_096 { reads.note(Bytes("\(key)"), in: Shop.items, idleSeconds: 9, at: .second(100)) }
        #expect(reads.untouchedFor(Bytes("0"), in: Shop.items, idleSeconds: 1, at: .second(101)) == nil)
        #expect(reads.untouchedFor(Bytes("1"), in: Shop.items, idleSeconds: 1, at: .second(101)) == .seconds(10))
    }
}

struct WatchedKeyTests {
    @Test func whatIsStoredDroppedOrStillToDoTouchesAKey() throws {
        var queue = Shop.queue()
        queue.watch(Bytes("1"), in: Shop.items)
        check(queue.isUntouched(Bytes("1"), in: Shop.items))
        check(!queue.isUntouched(Bytes("2"), in: Shop.items), "it is not watched")
        queue.item("2")
        let other = try queue.takeBatch(at: .zero).orThrow()
        queue.finish(other, .stored(except: []), at: .zero)
        check(queue.isUntouched(Bytes("1"), in: Shop.items))
        check(!queue.isBusy)
        queue.item("1")
        check(queue.isBusy && queue.holds(Bytes("1"), in: Shop.items))
        check(!queue.isUntouched(Bytes("1"), in: Shop.items), "it waits")
        let batch = try queue.takeBatch(at: .zero).orThrow()
        check(!queue.isUntouched(Bytes("1"), in: Shop.items), "it is in flight")
        queue.finish(batch, .stored(except: []), at: .zero)
        check(!queue.holds(Bytes("1"), in: Shop.items))
        check(!queue.isUntouched(Bytes("1"), in: Shop.items), "it was stored")
        queue.watch(Bytes("1"), in: Shop.items)
        check(queue.isUntouched(Bytes("1"), in: Shop.items), "not since")
        queue.item("1")
        queue.invalidateAll(Shop.items, event: nil, at: .zero)
        check(!queue.isUntouched(Bytes("1"), in: Shop.items), "it was dropped")
        queue.watch(nil, in: Shop.items)
        check(!queue.isUntouched(Bytes("1"), in: Shop.items))
    }

    /// What a pass remembers and what is watched are two things.
    @Test func aWatchDoesNotEndWhatAPassRemembers() throws {
        var queue = Shop.queue()
        queue.remember(Shop.items)
        queue.watch(Bytes("1"), in: Shop.items)
        queue.watch(nil, in: Shop.items)
        queue.item("1")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(!queue.admits(Bytes("1"), in: Shop.items))
        queue.beginPass(Shop.items)
        queue.endPass(Shop.items, completed: true)
        queue.watch(Bytes("2"), in: Shop.items)
        queue.item("2")
        queue.finish(try queue.takeBatch(at: .zero).orThrow(), .stored(except: []), at: .zero)
        check(queue.admits(Bytes("2"), in: Shop.items), "no pass remembers it")
        check(!queue.isUntouched(Bytes("2"), in: Shop.items))
    }
}
