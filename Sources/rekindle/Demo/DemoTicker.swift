import Reactor

/// The picture in a pipe: a line a second.
@Loop
struct DemoTicker {
    let daemon: DaemonWatch
    let probe: LagProbe

    /// Prints until the task is cancelled.
    func run() async throws(DemoError) {
        var second = 0
        while true {
            do { try await Loop.sleep(for: .seconds(1)) } catch { return }
            second += 1
            let recent = daemon.recent(5)
            let columns = [
                TerminalText.right("\(second) s", 5),
                "events \(TerminalText.right(Figures.rate(recent.rate(recent.events)), 9))",
                "refreshes \(TerminalText.right(Figures.rate(recent.rate(recent.refreshes)), 9))",
                "coalesced \(TerminalText.right(Figures.rate(recent.rate(recent.coalesced)), 9))",
                "batch \(TerminalText.right(Figures.tenths(recent.batchSize), 5))",
                "queue \(TerminalText.right(Figures.count(daemon.latest.queued), 5))",
                "lag p50 \(Figures.time(nanoseconds: probe.lags.quantile(0.5, ofLast: 20)))",
                "p99 \(Figures.time(nanoseconds: probe.lags.quantile(0.99, ofLast: 20)))",
            ]
            guard writeAll(1, Array((columns.joined(separator: "  ") + "\n").utf8)) else { throw .outputClosed }
        }
    }
}
