import Reactor

/// The live picture on a terminal: lines that are drawn again in their place.
@Loop
final class DemoPanel {
    private let settings: DemoSettings
    private let daemon: DaemonWatch
    private let probe: LagProbe
    private let cache: CacheWatch
    private let folder: ScratchFolder
    private let text: TerminalText
    private let start = EventLoop.now
    private var drawn = 0
    /// How long a value that has changed is marked, in nanoseconds.
    private static let glow: Int64 = 600_000_000
    /// Lags of about ten seconds.
    private static let recentLags = 200

    init(
        _ settings: DemoSettings, _ daemon: DaemonWatch, _ probe: LagProbe, _ cache: CacheWatch, _ folder: ScratchFolder
    ) {
        self.settings = settings
        self.daemon = daemon
        self.probe = probe
        self.cache = cache
        self.folder = folder
        text = TerminalText(colour: settings.colour)
    }

    /// Draws five times a second until the task is cancelled.
    func run() async throws(DemoError) {
        while !Task.isCancelled {
            try draw()
            do { try await Loop.sleep(for: .milliseconds(200)) } catch { return }
        }
    }

    private func draw() throws(DemoError) {
        let size = TerminalText.size()
        let shown = lines(width: min(size.columns, 120) - 1).prefix(max(1, size.rows - 1))
        var out = drawn > 0 ? "\u{1B}[\(drawn)A" : ""
        for line in shown { out += "\r" + line + "\u{1B}[K\n" }
        // What a taller picture left below.
        out += "\u{1B}[J"
        drawn = shown.count
        guard writeAll(1, Array(out.utf8)) else { throw .outputClosed }
    }

    private func lines(width: Int) -> [String] {
        let recent = daemon.recent(5)
        let whole = daemon.whole
        return [title(width), rule(width)]
            + [
                figure("events", Figures.rate(recent.rate(recent.events)), spark(\.events, width), width),
                figure("refreshes", Figures.rate(recent.rate(recent.refreshes)), spark(\.refreshes, width), width),
                figure(
                    "coalesced", Figures.rate(recent.rate(recent.coalesced)),
                    "\(Figures.tenths(recent.batchSize)) keys a statement, \(Figures.count(whole.published)) messages published",
                    width),
                figure("lag", lag(0.5), "p99 \(lag(0.99)), worst \(worst), commit to cache", width),
                figure("queue", Figures.count(whole.queued), state(whole), width),
                rule(width),
            ] + cache.entries.map { entry($0, width) } + [rule(width)]
            + [
                "redis-cli -s \(folder.redisSocket)",
                "psql -h \(folder.postgres) -U shop shop",
                "curl --unix-socket \(folder.healthSocket) localhost/status",
            ].map { text.styled(TerminalText.fit(" " + $0, width), .quiet) }
    }

    private func title(_ width: Int) -> String {
        let seconds = Figures.tenths(Double(EventLoop.now - start) / 1e9)
        let left = " rekindle demo"
        let middle = "  \(Figures.count(settings.items)) items, \(Figures.count(settings.rate)) changes a second"
        let right = settings.seconds.map { "\(seconds) of \($0) s " } ?? "\(seconds) s, Ctrl-C ends it "
        let room = max(0, width - left.count - right.count)
        return text.styled(left, .strong) + TerminalText.fit(middle, room) + text.styled(right, .quiet)
    }

    private func rule(_ width: Int) -> String { text.styled(String(repeating: "─", count: width), .quiet) }

    private func figure(_ name: String, _ value: String, _ rest: String, _ width: Int) -> String {
        " " + text.styled(TerminalText.fit(name, 11), .quiet)
            + text.styled(TerminalText.right(value, 10), .figure)
            + "  " + TerminalText.fit(rest, max(0, width - 24))
    }

    private func spark(_ count: KeyPath<DaemonFigures, Int>, _ width: Int) -> String {
        let history = daemon.history
        let rates = zip(history.dropFirst(), history).map { later, earlier in
            Double(later[keyPath: count] - earlier[keyPath: count])
        }
        let total = "  " + Figures.count(daemon.whole[keyPath: count]) + " in all"
        return TerminalText.sparkline(rates, width: max(0, min(60, width - 26 - total.count))) + total
    }

    private func lag(_ part: Double) -> String {
        Figures.time(nanoseconds: probe.lags.quantile(part, ofLast: Self.recentLags))
    }

    private var worst: String { Figures.time(nanoseconds: probe.lags.quantile(1, ofLast: Self.recentLags)) }

    private func state(_ figures: DaemonFigures) -> String {
        if !daemon.answers { return "the daemon does not answer" }
        if !figures.isHealthy { return "the daemon is not healthy: ask its /healthz" }
        return "keys wait, \(figures.parked) parked"
    }

    private func entry(_ entry: CacheWatch.Entry, _ width: Int) -> String {
        let isNew = EventLoop.now - entry.changed < Self.glow
        let key = TerminalText.fit(entry.key, min(23, width / 3))
        let room = max(0, width - key.count - 4)
        let value = TerminalText.fit(Self.shortened(entry.text) ?? "(no row, no key)", room)
        return " " + text.styled(isNew ? "●" : " ", .good) + " " + text.styled(key, .strong) + " "
            + text.styled(value, isNew ? .good : entry.text == nil ? .warning : .plain)
    }

    /// A JSON text without the quotes of its names, so that more of it fits.
    private static func shortened(_ text: String?) -> String? {
        guard let text else { return nil }
        var words = ""
        for piece in text.split(separator: "\"", omittingEmptySubsequences: false) {
            // A name is what stands between a quote and a quote with a colon behind it.
            // One that is inside of a text has a backslash before it.
            let piece = piece.hasSuffix("\\") ? piece.dropLast() : piece
            words += piece.hasPrefix(":") ? ": " + piece.dropFirst() : piece
            if piece.hasSuffix(",") { words += " " }
        }
        return words
    }
}
