import RefreshCore
import Testing

struct ValueAgeTests {
    @Test func whatIsLeftOfAnExpiryTellsTheAge() {
        #expect(ValueAge.age(ttlMilliseconds: 60_000, left: 45_000) == .seconds(15))
        #expect(ValueAge.age(ttlMilliseconds: 60_000, left: 0) == .seconds(60))
        // Written with a longer expiry than is configured now, or by somebody else.
        #expect(ValueAge.age(ttlMilliseconds: 60_000, left: 90_000) == .seconds(0))
        #expect(ValueAge.age(ttlMilliseconds: 60_000, left: -1) == nil)
    }

    static let heads: [(String, Moment.Span?)] = [
        (#"{"ct": 1760000000.5, "v": 2}|{"id":1}"#, .milliseconds(9_500)),
        (#"{"v":2,"ct":1760000010}|x|y"#, .seconds(0)),
        (#"{"v": 2, "k": "x", "ct" : 1.76e9}|"#, .seconds(10)),
        // In the future, by a clock that is ahead.
        (#"{"ct": 1760000099.0, "v": 2}|1"#, .seconds(0)),
        // As marked by a soft invalidation.
        (#"{"ct": 1, "v": 2}|1"#, .milliseconds(300_000_000_000)),
        (#"{"v": 2}|{"ct": 1760000000.5}"#, nil),
        (#"{"ct": "soon", "v": 2}|1"#, nil),
        (#"{"ct": 1e999, "v": 2}|1"#, nil),
        (#"{"ct": 1760000000.5, "v": 2}"#, nil),
        (#""ct"|"#, nil), ("|", nil), ("", nil),
    ]

    @Test(arguments: heads) func dogpilesMetadataTellTheAge(head: String, age: Moment.Span?) {
        #expect(ValueAge.age(head: Array(head.utf8), clock: 1_760_000_010_000_000) == age)
    }

    @Test func theClockOfARegionIsThatOfItsValues() {
        func region(_ format: ValueFormat, ttl: Int64?, _ keep: Freshness.Keep) -> Region {
            Region(
                name: RegionName("r"), prefix: "r:", ttlMilliseconds: ttl, format: format, onGap: .refresh,
                freshness: Freshness(staleAfter: .seconds(10), ahead: .seconds(1), budget: 1, keep: keep))
        }
        #expect(region(.json, ttl: 7, .always).clock == .expiry(7))
        #expect(region(.json, ttl: nil, .always).clock == nil)
        #expect(region(.dogpile, ttl: 7, .always).untouchedClock == .metadata)
        // To read the metadata would be a read of the value.
        #expect(region(.dogpile, ttl: 7, .whileRead).untouchedClock == .expiry(7))
        #expect(region(.dogpile, ttl: 7, .whileRead).clock == .metadata)
    }

    @Test func whatWasJustReadIsStaleByTheClockOfItsRegion() {
        func isStale(_ format: ValueFormat, _ value: String = "", left: Int64?, hasClock: Bool = true) -> Bool {
            let freshness = Freshness(staleAfter: .seconds(10), ahead: .seconds(1), budget: 1, keep: .always)
            let region = Region(
                name: RegionName("r"), prefix: "r:", ttlMilliseconds: 60_000, format: format, onGap: .refresh,
                freshness: hasClock ? freshness : nil)
            return region.isStale(Array(value.utf8), left: left, clock: 1_760_000_010_000_000)
        }
        #expect(isStale(.json, left: 50_000) && !isStale(.json, left: 50_001))
        #expect(!isStale(.json, left: -2), "it was written since")
        #expect(isStale(.hash, left: -1), "without an expiry, by somebody else")
        #expect(!isStale(.json, left: nil), "Redis did not tell")
        #expect(isStale(.dogpile, #"{"ct": 1760000000, "v": 2}|1"#, left: nil))
        #expect(!isStale(.dogpile, #"{"ct": 1760000001, "v": 2}|1"#, left: nil))
        #expect(isStale(.dogpile, "1", left: nil), "without metadata, by somebody else")
        #expect(!isStale(.json, left: 1, hasClock: false))
    }
}

struct ReadershipTests {
    @Test func aValueThatWasIdleSinceItWasWrittenIsUnread() {
        #expect(Readership(idleSeconds: 60, age: .seconds(60)) == .unread)
        // Redis counts whole seconds by a coarse clock.
        #expect(Readership(idleSeconds: 58, age: .milliseconds(59_400)) == .unread)
        #expect(Readership(idleSeconds: 58, age: .milliseconds(59_600)) == .read)
        #expect(Readership(idleSeconds: 0, age: .seconds(60)) == .read)
        #expect(Readership(idleSeconds: 60, age: nil) == .unknown)
        // Touched last by the daemon itself.
        #expect(Readership(idleSeconds: 2, age: .seconds(60), untouchedFor: .seconds(60)) == .unread)
        #expect(Readership(idleSeconds: 2, age: .seconds(60), untouchedFor: .seconds(30)) == .read)
    }

    @Test func theCounterOfANewValueIsThatOfAnUnreadOne() {
        #expect(Readership(frequency: 5) == .unread)
        #expect(Readership(frequency: 0) == .unread)
        #expect(Readership(frequency: 6) == .read)
    }
}
