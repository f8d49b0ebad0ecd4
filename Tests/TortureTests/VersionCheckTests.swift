import Testing

@testable import torture

@Suite("the version check rejects made-up histories") struct VersionCheckTests {
    private func check(_ sightings: [(String, String)], final: [Int: String] = [:]) -> [Guarantee] {
        var check = VersionCheck()
        for (place, sighting) in sightings.enumerated() {
            check.see(
                Sighting(key: sighting.0, value: Array(sighting.1.utf8), time: Double(place), source: "made up"))
        }
        if !final.isEmpty { check.finish(final.mapValues { Array($0.utf8) }) }
        return check.violations.map(\.guarantee)
    }

    private func list(_ items: String, count: Int) -> String {
        "{\"id\":100001,\"items\":[\(items)],\"n\":\(count)}"
    }

    @Test("a history without fault passes")
    func right() {
        #expect(
            check(
                [
                    ("list:100001", list("", count: 0)), ("list:100001", list("1", count: 1)),
                    ("list:100001", list("1,22", count: 2)), ("sum:total", "7"), ("sum:total", "7"),
                    ("page:3", "{\"id\":3,\"n\":1}"),
                    ("pair:100001", "[\(list("1", count: 1)),\(list("1", count: 1))]"),
                    (
                        "owned:100001",
                        "{\"ct\": 1.5, \"v\": 2}|{\"id\":100001,\"items\":[1],\"n\":1,\"name\":\"owner of 100001\"}"
                    ),
                ], final: [100_001: "1,22,3"]
            ).isEmpty)
    }

    @Test("a shorter list after a longer one breaks G2")
    func shrinking() {
        #expect(
            check([("list:100001", list("1,2", count: 2)), ("list:100001", list("1", count: 1))]) == [.monotone])
    }

    @Test("a smaller counter after a greater one breaks G2")
    func countingBack() {
        #expect(check([("sum:c1", "10"), ("sum:c1", "9")]) == [.monotone])
        #expect(check([("page:1", "{\"id\":1,\"n\":2}"), ("page:1", "{\"id\":1,\"n\":1}")]) == [.monotone])
    }

    @Test("two lists of which neither begins the other break G1")
    func strange() {
        #expect(
            check([("list:100001", list("1,2", count: 2)), ("list:100001", list("1,3,4", count: 3))]) == [.authentic])
        // 12 does not begin with 1.
        #expect(
            check([("list:100001", list("1", count: 1)), ("list:100001", list("12,3", count: 2))]) == [.authentic])
    }

    @Test("half of an update breaks G1")
    func half() {
        #expect(check([("list:100001", list("1,2", count: 1))]) == [.authentic])
    }

    @Test("one list of a pair without the other breaks G1")
    func torn() {
        #expect(check([("pair:100001", "[\(list("1,2", count: 2)),\(list("1", count: 1))]")]) == [.authentic])
    }

    @Test(
        "a value that no query gives breaks G1",
        arguments: ["", "{", "null", "{\"id\":100001,\"items\":[1],\"n\":1} ", "{\"id\":100001,\"items\":[1]"])
    func garbage(value: String) {
        #expect(check([("list:100001", value)]) == [.authentic])
    }

    @Test("a number that was never committed breaks G1 in the end")
    func undone() {
        #expect(check([("list:100001", list("1,2", count: 2))], final: [100_001: "1"]) == [.authentic])
        #expect(check([("list:100001", list("1,2", count: 2))], final: [100_002: "1"]) == [.authentic])
    }
}
