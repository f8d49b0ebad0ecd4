public import Logging

/// Writes each log line to the journal as structured fields.
///
/// Fields: MESSAGE, PRIORITY, SYSLOG_IDENTIFIER, REKINDLE_<KEY> for each metadata key, and MESSAGE_ID from the metadata key
/// `message_id` (32 hex digits or a UUID). Control characters are escaped. One datagram a line; never blocks, never fails.
public struct JournalLogHandler: LogHandler {
    /// Lines below this level are not logged.
    public var logLevel: Logger.Level

    /// Metadata of every line.
    public var metadata: Logger.Metadata = [:]

    /// Gives more metadata at each line.
    public var metadataProvider: Logger.MetadataProvider?

    private let identifier: String
    private let socket: JournalSocket

    /// A handler that logs as `identifier`; handlers share one socket.
    public init(identifier: String, socket: JournalSocket, logLevel: Logger.Level = .info) {
        self.identifier = identifier
        self.socket = socket
        self.logLevel = logLevel
    }

    /// One metadata value of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Sends the line to the journal.
    public func log(event: LogEvent) {
        var entry = JournalEntry(
            message: event.message.description, priority: event.level.syslogPriority, identifier: identifier)
        entry.add(LogText.metadata(of: event, handler: metadata, provider: metadataProvider))
        socket.send(entry)
    }
}
