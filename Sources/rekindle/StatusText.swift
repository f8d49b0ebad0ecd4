/// The status for people: what is wrong comes first, then what there is.
struct StatusText {
    private(set) var lines: [String] = []

    init(_ status: JSONDocument) {
        func text(_ path: String) -> String { status[path] ?? "-" }
        let health = status["healthy"] == "true" ? "healthy" : "not healthy"
        lines.append("rekindle \(text("name")) (\(text("version"))): \(text("state")), \(health)")
        lines.append("  \(text("status"))")
        status.forEach("problems") { lines.append("  PROBLEM: \(text($0))") }
        if let failure = status["reload_failure"] { lines.append("  PROBLEM: the last reload was refused: \(failure)") }
        lines.append("  started \(text("started")), configuration \(text("configuration"))")
        connections(status)
        regions(status)
        queries(status)
        channels(status)
        parked(status)
        gaps(status)
    }

    private mutating func connections(_ status: JSONDocument) {
        lines.append("connections")
        for name in ["listener", "redis"] { connection(status, "connections.\(name)", name) }
        var number = 0
        var paths: [String] = []
        status.forEach("connections.workers") { paths.append($0) }
        for path in paths {
            number += 1
            connection(status, path, "worker \(number)")
        }
        let lease = status["connections.lease.held"] == "true" ? "held since" : "not held"
        let standby = status["connections.lease.standby"] == "true" ? ", another instance holds it" : ""
        lines.append("  lease     \(lease) \(status["connections.lease.since"] ?? "")\(standby)")
    }

    private mutating func connection(_ status: JSONDocument, _ path: String, _ name: String) {
        let state = status["\(path).up"] == "true" ? "up" : "DOWN"
        var line = "  \(name.padded(to: 10))\(state) since \(status["\(path).since"] ?? "-")"
        if let query = status["\(path).running"] { line += ", runs \(query)" }
        if let failure = status["\(path).failure"] {
            line += ", \(status["\(path).attempts"] ?? "0") attempts: \(failure)"
        }
        lines.append(line)
    }

    private mutating func regions(_ status: JSONDocument) {
        var table: [[String]] = [["region", "stored", "deleted", "p50", "p99", "right", ""]]
        status.forEach("regions") { path in
            var note = status["\(path).resync_pending"] == "true" ? "resync pending" : ""
            if let doing = status["\(path).resync.doing"] {
                note = "\(doing), \(status["\(path).resync.keys"] ?? "0") keys"
            }
            table.append([
                status["\(path).name"] ?? "", status["\(path).stored"] ?? "", status["\(path).deleted"] ?? "",
                milliseconds(status["\(path).p50_seconds"]), milliseconds(status["\(path).p99_seconds"]),
                right(status, path), note,
            ])
        }
        append(table)
    }

    /// The share of right answers that the sampler has found.
    private func right(_ status: JSONDocument, _ path: String) -> String {
        guard let share = status["\(path).sampled.right_share"].flatMap({ Double($0) }),
            let samples = status["\(path).sampled.samples"]
        else { return "-" }
        // Not rounded: 100 % is said of nothing that was once wrong.
        return "\(Double(Int(share * 1_000_000) / 10) / 1_000) % of \(samples)"
    }

    private mutating func queries(_ status: JSONDocument) {
        var table: [[String]] = [["query", "form", "waiting", "running", "failures", ""]]
        status.forEach("queries") { path in
            var note =
                status["\(path).failure"].map { "FAILS since \(status["\(path).failing_since"] ?? "-"): \($0)" } ?? ""
            if let warm = status["\(path).warm_failure"] { note += " WARM FAILS: \(warm)" }
            table.append([
                status["\(path).name"] ?? "", status["\(path).form"] ?? "-", status["\(path).waiting"] ?? "",
                status["\(path).running"] ?? "", status["\(path).failures"] ?? "", note,
            ])
        }
        append(table)
    }

    private mutating func channels(_ status: JSONDocument) {
        var table: [[String]] = [["channel", "notifications", "bad payloads", ""]]
        status.forEach("channels") { path in
            table.append([
                status["\(path).name"] ?? "", status["\(path).notifications"] ?? "",
                status["\(path).bad_payloads"] ?? "", status["\(path).last_fault"] ?? "",
            ])
        }
        append(table)
    }

    private mutating func parked(_ status: JSONDocument) {
        guard let total = status["parked.total"], total != "0" else { return }
        lines.append("parked keys: \(total)")
        status.forEach("parked.keys") { path in
            lines.append(
                "  \(status["\(path).key"] ?? "") (query \(status["\(path).query"] ?? "-")) since "
                    + "\(status["\(path).failing_since"] ?? "-"), \(status["\(path).attempts"] ?? "-") attempts, next "
                    + "\(status["\(path).next_attempt"] ?? "-"): \(status["\(path).failure"] ?? "")")
        }
    }

    private mutating func gaps(_ status: JSONDocument) {
        lines.append("gaps")
        status.forEach("gaps") { path in
            let repaired = status["\(path).repaired"].map { "answered \($0)" } ?? "NOT ANSWERED YET"
            lines.append(
                "  \((status["\(path).cause"] ?? "").padded(to: 10))\(status["\(path).from"] ?? "") to "
                    + "\(status["\(path).until"] ?? "now"), \(repaired), \(status["\(path).keys"] ?? "0") keys")
        }
    }

    private func milliseconds(_ seconds: String?) -> String {
        guard let seconds, let number = Double(seconds) else { return "-" }
        return "\(Double(Int(number * 100_000)) / 100) ms"
    }

    private mutating func append(_ table: [[String]]) {
        guard table.count > 1, let columns = table.first?.count else { return }
        let widths = (0..<columns).map { column in table.map { $0[column].count }.max() ?? 0 }
        for (index, row) in table.enumerated() {
            let cells = zip(row, widths).map { $0.padded(to: $1) }.joined(separator: "  ")
            let end = cells.lastIndex { $0 != " " }.map { cells.index(after: $0) } ?? cells.startIndex
            lines.append((index == 0 ? "" : "  ") + cells[..<end])
        }
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
