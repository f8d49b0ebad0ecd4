/// What a demonstration showed, at its end.
struct DemoSummary: Sendable {
    let items: Int
    /// Of the load alone.
    let figures: DaemonFigures
    let lags: LagRecord
    let looks: Int
    let stepsBack: Int
    let check: EqualityCheck.Outcome

    /// Whether all that the daemon promises was seen to hold.
    var isGood: Bool { check.different.isEmpty && stepsBack == 0 }

    var lines: [String] {
        let count = Figures.count
        func row(_ name: String, _ rest: String) -> String { " " + TerminalText.fit(name, 11) + rest }
        return [
            row("load", "\(Figures.tenths(figures.seconds)) s on a shop of \(count(items)) items"),
            row("events", "\(count(figures.events)) (\(Figures.rate(figures.rate(figures.events))))"),
            row(
                "refreshes",
                "\(count(figures.refreshes)) (\(Figures.rate(figures.rate(figures.refreshes)))), "
                    + "\(Figures.tenths(figures.batchSize)) keys a statement, "
                    + "\(count(figures.coalesced)) more coalesced"),
            row("messages", "\(count(figures.published)) published, \(count(figures.gaps)) gaps"),
            row(
                "lag",
                "p50 \(Figures.time(nanoseconds: lags.quantile(0.5))), "
                    + "p99 \(Figures.time(nanoseconds: lags.quantile(0.99))), "
                    + "worst \(Figures.time(nanoseconds: lags.worst)), commit to cache, \(count(lags.count)) measured"),
            row("order", order),
            row("check", verdict),
        ]
    }

    private var order: String {
        stepsBack == 0
            ? "no value went back to an older one in \(Figures.count(looks)) looks"
            : "\(Figures.count(stepsBack)) TIMES A VALUE WENT BACK to an older one, in \(Figures.count(looks)) looks"
    }

    private var verdict: String {
        if check.different.isEmpty { return "all \(Figures.count(check.values)) values equal their queries" }
        let first = check.different.prefix(5).joined(separator: ", ")
        return "\(Figures.count(check.different.count)) of \(Figures.count(check.values)) VALUES DIFFER from their "
            + "queries: \(first)" + (check.different.count > 5 ? ", …" : "")
    }

    /// One object; lags in microseconds, null where nothing was measured.
    var json: String {
        func micro(_ time: Int64?) -> String { time.map { String($0 / 1000) } ?? "null" }
        let members: [(String, String)] = [
            ("seconds", String(Double(figures.time / 1_000_000) / 1000)),
            ("items", String(items)),
            ("events", String(figures.events)),
            ("refreshes", String(figures.refreshes)),
            ("coalesced", String(figures.coalesced)),
            ("batches", String(figures.batches)),
            ("messages", String(figures.published)),
            ("gaps", String(figures.gaps)),
            ("lag_measured", String(lags.count)),
            ("lag_p50_us", micro(lags.quantile(0.5))),
            ("lag_p99_us", micro(lags.quantile(0.99))),
            ("lag_worst_us", micro(lags.count > 0 ? lags.worst : nil)),
            ("looks", String(looks)),
            ("steps_back", String(stepsBack)),
            ("values", String(check.values)),
            ("different", String(check.different.count)),
        ]
        return "{" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }
}
