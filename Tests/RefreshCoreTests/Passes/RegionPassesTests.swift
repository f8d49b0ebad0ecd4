import RefreshCore
import Testing

@Suite struct RegionPassesTests {
    private let a = RegionID(0)
    private let b = RegionID(1)
    private let c = RegionID(2)

    private func expectNext(
        _ passes: inout RegionPasses, _ region: RegionID?, _ kind: RegionPasses.Kind = .resync,
        at place: SourceLocation = #_sourceLocation
    ) {
        let next = passes.next()
        check(next?.region == region, "\(String(describing: next))", at: place)
        if region != nil { check(next?.kind == kind, at: place) }
    }

    @Test func regionsTakeTurnsAndPurgesGoFirst() {
        var passes = RegionPasses()
        check(!passes.want(.resync, a))
        check(!passes.want(.resync, b))
        check(!passes.want(.purge, c))
        expectNext(&passes, c, .purge)
        expectNext(&passes, a)
        check(!passes.want(.resync, a))
        expectNext(&passes, b)
        expectNext(&passes, nil)
        passes.ended(a, completed: true)
        expectNext(&passes, a)
    }

    @Test func aPurgeSupersedesTheResyncThatWaitsOrRuns() {
        var passes = RegionPasses()
        _ = passes.want(.resync, a)
        expectNext(&passes, a)
        _ = passes.want(.resync, a)
        check(passes.want(.purge, a), "the resync is to be cancelled")
        passes.ended(a, completed: false)
        expectNext(&passes, a, .purge)
        passes.ended(a, completed: true)
        expectNext(&passes, nil)
        #expect(passes.isQuiet && passes.pending == 0)
    }

    @Test func aResyncAskedForAfterAPurgeComesAfterIt() {
        var passes = RegionPasses()
        _ = passes.want(.purge, a)
        _ = passes.want(.resync, a)
        expectNext(&passes, a, .purge)
        passes.ended(a, completed: false)
        expectNext(&passes, a, .purge)
        passes.ended(a, completed: true)
        expectNext(&passes, a)
        passes.ended(a, completed: false)
        expectNext(&passes, a)
        passes.ended(a, completed: true)
        #expect(!passes.isPending(a))
    }

    @Test func aRegionThatIsGoneIsWantedNoMore() {
        var passes = RegionPasses()
        _ = passes.want(.resync, a)
        expectNext(&passes, a)
        passes.forget(a)
        passes.ended(a, completed: false)
        expectNext(&passes, nil)
        #expect(passes.isQuiet)
        _ = passes.want(.resync, a)
        expectNext(&passes, a)
        passes.ended(a, completed: false)
        expectNext(&passes, a)
    }

    @Test func unknownRegionsAreQuiet() {
        var passes = RegionPasses()
        #expect(!passes.isPending(RegionID(7)))
        passes.ended(RegionID(7), completed: false)
        passes.forget(RegionID(7))
        expectNext(&passes, nil)
    }

    /// Wishes are numbered; a pass answers those that came before it began, and none may stay unanswered.
    @Test(arguments: 0..<200 as Range<UInt64>) func noWishIsLost(seed: UInt64) {
        var dice = Dice(seed: seed)
        var passes = RegionPasses()
        var wanted: [RegionPasses.Kind: [Int]] = [.resync: [0, 0, 0], .purge: [0, 0, 0]]
        var answered = wanted
        var running: [Int: (kind: RegionPasses.Kind, began: Int)] = [:]
        var time = 0
        func at(_ times: [RegionPasses.Kind: [Int]], _ kind: RegionPasses.Kind, _ region: Int) -> Int {
            times[kind]?[region] ?? 0
        }
        func end(_ region: Int, completed: Bool) {
            guard let pass = running.removeValue(forKey: region) else { return }
            passes.ended(RegionID(region), completed: completed)
            guard completed else { return }
            // A purge makes right what was wrong before the purge was asked for, a resync what was before it began.
            if pass.kind == .purge {
                answered[.purge]?[region] = pass.began
                let since = at(wanted, .purge, region)
                if at(wanted, .resync, region) < since { answered[.resync]?[region] = time }
            } else {
                answered[.resync]?[region] = pass.began
            }
        }
        func begin() -> Bool {
            guard let (region, kind) = passes.next() else { return false }
            check(running[region.index] == nil, "seed \(seed)")
            let owed = at(wanted, .purge, region.index) > at(answered, .purge, region.index)
            check(kind == .purge || !owed, "seed \(seed): a resync went before a purge")
            running[region.index] = (kind, time)
            return true
        }
        for _ in 0..<200 {
            time += 1
            let region = Int.random(in: 0..<3, using: &dice)
            switch Int.random(in: 0..<6, using: &dice) {
            case 0:
                wanted[.resync]?[region] = time
                check(!passes.want(.resync, RegionID(region)))
            case 1:
                wanted[.purge]?[region] = time
                let isRunning = running[region] != nil
                let cancels = passes.want(.purge, RegionID(region))
                check(cancels == isRunning, "seed \(seed)")
                if cancels { end(region, completed: false) }
            case 2, 3: _ = begin()
            default: end(region, completed: Bool.random(using: &dice))
            }
            check(passes.pending >= running.count, "seed \(seed)")
        }
        for _ in 0..<20 {
            time += 1
            while begin() {}
            for region in running.keys { end(region, completed: true) }
        }
        check(passes.isQuiet, "seed \(seed)")
        for region in 0..<3 {
            for kind in [RegionPasses.Kind.purge, .resync] {
                check(at(answered, kind, region) >= at(wanted, kind, region), "seed \(seed): a \(kind) was lost")
            }
        }
    }
}
