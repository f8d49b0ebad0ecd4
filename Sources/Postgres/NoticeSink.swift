/// A warning or notice of the server; where its words could hold data they are replaced by the condition's name.
public struct PostgresNotice: Sendable {
    /// `WARNING`, `NOTICE` and so on; `FATAL` when the server says why it is about to hang up.
    public let severity: String
    /// The five characters of its code; `00000` for a plain notice.
    public let sqlState: String?
    /// What it says, without a final full stop.
    public let message: String
}

/// Where libpq leaves the notices that it meets while it parses; emptied between its calls.
final class NoticeSink {
    /// More than these between two reads are dropped: nobody reads a thousand warnings.
    private static let limit = 64
    private var waiting: [PostgresNotice] = []
    /// What the server said last before it hung up.
    private(set) var lastWords: ServerReport?

    func receive(_ report: ServerReport) {
        if report.endsConnection { lastWords = report }
        if waiting.count == Self.limit { return }
        waiting.append(
            PostgresNotice(severity: report.severity, sqlState: report.sqlState, message: report.safeMessage))
    }

    /// Hands out what has come since the last call.
    func take() -> [PostgresNotice] {
        if waiting.isEmpty { return [] }
        defer { waiting.removeAll() }
        return waiting
    }
}
