import RefreshCore
import Testing

@Suite struct FenceRecordTests {
    @Test func theFenceTellsWhetherRedisIsWhatItWas() {
        var record = FenceRecord()
        check(record.raised(to: "01", replacing: "", on: "a") == .lost, "nothing was written before")
        check(record.raised(to: "02", replacing: "01", on: "a") == .same)
        check(record.raised(to: "03", replacing: "", on: "a") == .lost, "it was emptied")
        check(record.raised(to: "04", replacing: "03", on: "b") == .lost, "another run may have read an older dump")
        check(record.raised(to: "06", replacing: "05", on: "b") == .lost, "somebody else wrote meanwhile")
        check(record.raised(to: "02", replacing: nil, on: "b") == .refused)
        #expect(record.token == "06")
    }
}
