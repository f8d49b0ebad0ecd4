/// Turns libpq's words about a failed attempt to connect into an error.
///
/// The words name hosts, users and databases; where the URL itself could not be read they quote it, and that is cut.
enum ConnectFailure {
    /// The error behind a `PQconnectStart` or `PQconnectPoll` that failed.
    static func error(_ text: String) -> PostgresError {
        let (message, sqlState) = words(text)
        if !message.hasPrefix("connection to server"), sqlState == nil { return unreadable(message) }
        // libpq's own refusal, which has no code.
        let needsPassword = message.hasSuffix("no password supplied")
        return PostgresError(
            .connectionFailed, "Postgres did not let us in: \(message)", sqlState: sqlState,
            disposition: needsPassword ? .configuration : nil)
    }

    /// What became of each host that was tried, and the code that the last of them gave, if any gave one.
    static func words(_ text: String) -> (message: String, sqlState: String?) {
        var lines: [String] = []
        var sqlState: String?
        for line in text.split(separator: "\n") where !line.hasPrefix("LOCATION:") {
            if line.hasPrefix("\t"), let last = lines.popLast() {
                lines.append(last + ". " + line.drop { $0 == "\t" })
                continue
            }
            let (words, state) = split(line)
            // libpq writes this ahead of the reason, which an attempt that is given up never gets.
            lines.append(words.hasSuffix(" failed: ") ? words.dropLast(8) + "gave no answer" : words)
            sqlState = state ?? sqlState
        }
        return (lines.joined(separator: "; "), sqlState)
    }

    /// An error that came before any server was asked.
    private static func unreadable(_ message: String) -> PostgresError {
        let words = withoutQuoted(message)
        if message.hasPrefix("could not translate host name") {
            return PostgresError(.connectionFailed, "A host in the Postgres URL is unknown: \(words)")
        }
        return .invalidSettings("The Postgres URL can not be used: \(words)")
    }

    /// Takes the code out of `FATAL:  3D000: database "x" does not exist`.
    private static func split(_ line: Substring) -> (words: String, sqlState: String?) {
        let bytes = Array(line.utf8)
        let (colon, space) = (UInt8(ascii: ":"), UInt8(ascii: " "))
        for start in bytes.indices.dropFirst(3).dropLast(6) {
            let code = bytes[start..<start + 5]
            guard bytes[start - 3] == colon, bytes[start - 2] == space, bytes[start - 1] == space,
                bytes[start + 5] == colon, code.allSatisfy(isCodeByte)
            else { continue }
            let words = bytes[..<(start - 1)] + bytes[(start + 7)...]
            return (String(decoding: words, as: UTF8.self), String(decoding: code, as: UTF8.self))
        }
        return (String(line), nil)
    }

    private static func isCodeByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// Cuts from the first quote to the last: a password may hold quotes itself.
    static func withoutQuoted(_ message: String) -> String {
        guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last
        else { return message }
        return message[..<first] + "\"…\"" + message[message.index(after: last)...]
    }
}

/// Picks libpq's own words about a broken connection out of a text that may also hold an older error of the server.
enum BrokenConnection {
    private static let phrases = [
        "server closed the connection unexpectedly", "SSL connection has been closed unexpectedly", "SSL error:",
        "could not receive data from server:", "could not send data to server:", "lost synchronization with server",
    ]

    static func reason(_ text: String) -> String {
        for line in text.split(separator: "\n").reversed() {
            for phrase in phrases where line.hasPrefix(phrase) { return String(line) }
        }
        return "the reason is not known"
    }
}
