import Testing

@testable import torture

@Suite("the version check rejects made-up histories") struct VersionCheckTests {
    @Test("a list that shrinks is an older value in place of a newer one")
    func shrinking() {
        var check = VersionCheck()
        check.see(sighting("list:100001", "{\"id\":100001,\"items\":[1,2],\"n\":2}"))
        check.see(sighting("list:100001", "{\"id\":100001,\"items\":[1],\"n\":1}"))
        #expect(check.violations.map(\.guarantee) == [.monotone])
    }

    private func sighting(_ key: String, _ value: String) -> Sighting {
        Sighting(key: key, value: Array(value.utf8), time: 1, source: "made up")
    }
}
