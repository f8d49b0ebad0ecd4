public import Logging

/// Writes each log line to standard error, in a form for people or for a service manager.
///
/// One write a line, at most 4,096 bytes, control characters escaped. A reader that does not read costs lines, which are
/// counted and told on the next line that gets through, and never holds the daemon up.
public struct StandardErrorLogHandler: LogHandler {
    /// Lines below this level are not logged.
    public var logLevel: Logger.Level

    /// Metadata of every line.
    public var metadata: Logger.Metadata = [:]

    /// Gives more metadata at each line.
    public var metadataProvider: Logger.MetadataProvider?

    private let form: LogLine.Form
    private let sink: LineSink

    /// A handler for lines of the form; all handlers share one way out.
    public init(form: LogLine.Form, logLevel: Logger.Level = .info) {
        self.init(form: form, sink: .standardError, logLevel: logLevel)
    }

    init(form: LogLine.Form, sink: LineSink, logLevel: Logger.Level) {
        self.form = form
        self.sink = sink
        self.logLevel = logLevel
    }

    /// One metadata value of every line.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes the line.
    public func log(event: LogEvent) {
        let line = LogLine(
            form: form, time: .now, level: event.level, message: event.message.description,
            metadata: LogText.metadata(of: event, handler: metadata, provider: metadataProvider))
        sink.write(line)
    }
}
