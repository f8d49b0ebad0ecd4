import Glibc
public import Logging

/// Where this process logs to.
public enum LogDestination: Sendable {
    /// The journal, as structured fields.
    case journal(JournalSocket)

    /// Standard error, as lines.
    case standardError(LogLine.Form)

    /// Picks the journal when standard error leads there, and standard error otherwise.
    ///
    /// `JOURNAL_STREAM` names the device and inode of the manager's stream; only when standard error still is that stream is
    /// nothing redirected. Call it once, before other threads start.
    public static func choose() -> LogDestination {
        let stream = unsafe getenv("JOURNAL_STREAM").map { unsafe String(cString: $0) }
        let managed = unsafe getenv("INVOCATION_ID") != nil
        let leadsToJournal = stream.map { isStream($0, descriptor: STDERR_FILENO) } ?? false
        if leadsToJournal, let socket = JournalSocket() { return .journal(socket) }
        return .standardError(form(managed: managed || leadsToJournal, isTerminal: isatty(STDERR_FILENO) == 1))
    }

    /// The handler of a logger that logs here as `identifier`.
    public func handler(identifier: String, logLevel: Logger.Level = .info) -> any LogHandler {
        switch self {
        case .journal(let socket): JournalLogHandler(identifier: identifier, socket: socket, logLevel: logLevel)
        case .standardError(let form): StandardErrorLogHandler(form: form, logLevel: logLevel)
        }
    }

    static func form(managed: Bool, isTerminal: Bool) -> LogLine.Form {
        managed && !isTerminal ? .prioritized : .dated
    }

    /// Whether `stream`, a device and an inode joined by a colon, is what the descriptor leads to.
    static func isStream(_ stream: String, descriptor: Int32) -> Bool {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }
}
