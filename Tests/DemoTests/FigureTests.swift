import Testing

@testable import rekindle

/// The demo's arithmetic and its pieces of text.
struct FigureTests {
    @Test("A lag record gives exact quantiles, of all and of the last")
    func lags() {
        var record = LagRecord()
        #expect(record.quantile(0.5) == nil)
        for lag in 1...100 { record.add(Int64(lag)) }
        #expect(record.quantile(0.5) == 50)
        #expect(record.quantile(0.99) == 99)
        #expect(record.quantile(1) == 100)
        #expect(record.quantile(0.5, ofLast: 10) == 95)
        #expect(record.count == 100 && record.worst == 100)
    }

    @Test("A lag record is bounded, and forgets the oldest")
    func bounded() {
        var record = LagRecord()
        for lag in 0..<100_000 { record.add(Int64(lag)) }
        #expect(record.count == 100_000 && record.worst == 99_999)
        #expect(record.quantile(0) == 34_464)
        #expect(record.quantile(0, ofLast: 5) == 99_995)
    }

    @Test("Figures add up the samples of a name, and take what they do not know for nothing")
    func metrics() {
        let text = """
            # HELP rekindle_notifications_total x 7
            rekindle_notifications_total{channel="a b"} 3
            rekindle_notifications_total{channel="c"} 4
            rekindle_stored_total{region="r"} 10
            rekindle_deleted_total{region="r"} 1
            rekindle_batch_keys_sum 20
            rekindle_batch_keys_count 8
            rekindle_queue_keys 5
            rekindle_coalesced_total NaN
            rekindle_parked_keys 1e300
            rekindle_healthy 1
            nonsense

            """
        let figures = DaemonFigures(metrics: Array(text.utf8), at: 2_000_000_000)
        #expect(figures.events == 7 && figures.refreshes == 11 && figures.queued == 5 && figures.isHealthy)
        #expect(figures.coalesced == 0 && figures.parked == 0)
        let difference = figures.since(DaemonFigures())
        #expect(difference.rate(difference.events) == 3.5 && difference.batchSize == 2.5 && difference.queued == 5)
        #expect(DaemonFigures().rate(5) == 0 && DaemonFigures().batchSize == 0)
    }

    @Test(
        "Numbers are for people",
        arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (-1000, "-1,000")])
    func counts(number: Int, text: String) { #expect(Figures.count(number) == text) }

    @Test("Times have the unit that suits them")
    func times() {
        #expect(Figures.time(nanoseconds: nil) == "-")
        #expect(Figures.time(nanoseconds: 612_400) == "612 µs")
        #expect(Figures.time(nanoseconds: 1_049_000) == "1.0 ms")
        #expect(Figures.time(nanoseconds: 2_350_000_000) == "2.4 s")
    }

    @Test("A text takes exactly its columns, and no control character with it")
    func fit() {
        #expect(TerminalText.fit("abc", 5) == "abc  ")
        #expect(TerminalText.fit("abcdef", 4) == "abc…")
        #expect(TerminalText.fit("a\u{1B}[2Jb\n", 8) == "a [2Jb  ")
        #expect(TerminalText.fit("日本", 3) == "?? ")
        #expect(TerminalText.fit("abc", 0) == "")
        #expect(TerminalText.fit("a", 1) == "a" && TerminalText.fit("ab", 1) == "…")
    }

    @Test("A sparkline is as wide as asked, whatever there is")
    func sparkline() {
        #expect(TerminalText.sparkline([], width: 3) == "   ")
        #expect(TerminalText.sparkline([0, 50, 100], width: 5) == "  ▁▄█")
        #expect(TerminalText.sparkline([-1, 1000, 0], width: 2) == "█▁")
    }

    @Test("A colour ends where its text ends, and there is none without colours")
    func styles() {
        #expect(TerminalText(colour: true).styled("x", .good) == "\u{1B}[32mx\u{1B}[0m")
        #expect(TerminalText(colour: false).styled("x", .good) == "x")
    }
}
