import Logging

/// Text of log lines: escaped, bounded, never more than one line.
enum LogText {
    /// The text with control characters written out: `\n`, `\t`, `\u{1b}`.
    static func escaped(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: \.isControl) else { return String(text) }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.isControl: result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// At most `limit` bytes of the text, whole scalars only; what was cut shows as `…`.
    static func bounded(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var kept = String.UnicodeScalarView()
        var bytes = "…".utf8.count
        for scalar in text.unicodeScalars {
            bytes += UTF8.width(scalar)
            if bytes > limit { break }
            kept.append(scalar)
        }
        kept.append("…")
        return String(kept)
    }

    /// A metadata value as one line.
    static func value(_ value: Logger.MetadataValue) -> String {
        escaped(value.description)
    }

    /// All metadata of a line: the handler's own, then the provider's, then the event's, later ones winning.
    static func metadata(
        of event: LogEvent, handler: Logger.Metadata, provider: Logger.MetadataProvider?
    ) -> [(key: String, value: Logger.MetadataValue)] {
        var merged = handler
        if let provided = provider?.get() { merged.merge(provided) { $1 } }
        if let own = event.metadata { merged.merge(own) { $1 } }
        if let error = event.error { merged["error"] = .string("\(error)") }
        return merged.sorted { $0.key < $1.key }
    }
}
