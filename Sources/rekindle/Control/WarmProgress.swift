import Glibc
import RefreshService

/// Shows how far the filling of regions is: a bar on a terminal, else a line every ten seconds, on standard error.
struct WarmProgress {
    private let regions: [String]
    private let isQuiet: Bool
    private let isTerminal = isatty(2) == 1
    private let began = ContinuousClock.now
    private var lastLine = ContinuousClock.now
    private var hasBar = false

    /// - Parameter regions: those that are filled; all when empty.
    init(regions: [String], isQuiet: Bool) {
        self.regions = regions
        self.isQuiet = isQuiet
    }

    /// Shows what the daemon's status says.
    mutating func update(_ reply: HealthReply) {
        guard !isQuiet, let status = JSONDocument(reply.body) else { return }
        let now = ContinuousClock.now
        if isTerminal {
            hasBar = true
            print("\r\u{1B}[2K" + line(status, now - began))
        } else if now - lastLine >= .seconds(10) {
            lastLine = now
            standardError(line(status, now - began))
        }
    }

    /// Takes the bar away.
    func end() {
        if hasBar { print("\r\u{1B}[2K") }
    }

    /// One line of where the filling stands.
    func line(_ status: JSONDocument, _ elapsed: Duration) -> String {
        var (done, pending, keys, expected) = (0, 0, 0, 0)
        var doing: [String] = []
        status.forEach("regions") { place in
            guard let name = status["\(place).name"], regions.isEmpty || regions.contains(name) else { return }
            guard status["\(place).resync_pending"] == "true" else { return done += 1 }
            pending += 1
            keys += Int(status["\(place).resync.keys"] ?? "") ?? 0
            expected += Int(status["\(place).resync.expected"] ?? "") ?? 0
            if let what = status["\(place).resync.doing"] { doing.append("\(what) \(name)") }
        }
        let what = doing.isEmpty ? "" : " (\(doing.joined(separator: ", ")))"
        let count = "\(done) of \(done + pending) regions, \(keys) keys\(what)"
        guard expected > 0, keys > 0 else { return count }
        let share = min(1, Double(keys) / Double(expected))
        let left = (elapsed / .seconds(1)) * (1 - share) / share
        let width = 24
        let filled = Int((share * Double(width)).rounded())
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "[\(bar)] \(Int((share * 100).rounded())) %, about \(Int(left.rounded(.up))) s left: \(count)"
    }

    private func print(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(2, $0.baseAddress, $0.count) }
    }
}
