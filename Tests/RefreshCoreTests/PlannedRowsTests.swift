import RefreshCore
import Testing

@Suite struct PlannedRowsTests {
    @Test func readsTheEstimateOfTheFirstLine() {
        #expect(PlannedRows.estimate(of: "Seq Scan on public.items  (cost=0.00..18.10 rows=810 width=4)") == 810)
        #expect(PlannedRows.estimate(of: "Seq Scan on \" rows=7 \"  (cost=0.00..18.10 rows=1 width=4)") == 1)
        #expect(PlannedRows.estimate(of: "Result") == nil)
    }
}
