/// What a reader of the manual may meet, taken from the sources.
enum SourceScan {
    /// Every metric's name, with its type.
    static func metrics() throws -> [(name: String, kind: String)] {
        let text = try Repository.text("Sources/RefreshService/Reporting/MetricsReport.swift")
        return text.matches(of: #/"(rekindle_[a-z_]+)",\s*"([a-z]+)"/#).map { (String($0.1), String($0.2)) }
    }

    /// Every subcommand, by its name on the command line.
    static func subcommands() throws -> [String] {
        let text = try Repository.text("Sources/rekindle/Rekindle.swift")
        guard let list = text.firstMatch(of: #/subcommands: \[([^\]]*)\]/#) else { return [] }
        let sources = try Repository.sources("Sources/rekindle").map(\.text)
        return list.1.matches(of: #/([A-Za-z]+)\.self/#).map { match in
            let type = String(match.1)
            let source = sources.first { $0.contains("struct \(type):") }
            let named = source?.firstMatch(of: #/commandName: "([^"]+)"/#).map { String($0.1) }
            return named ?? kebab(type)
        }
    }

    /// Every long option of every subcommand.
    static func options() throws -> [String] {
        var found: Set<String> = []
        for (_, text) in try Repository.sources("Sources/rekindle") {
            for match in text.matches(of: #/@(?:Option|Flag)(?!Group)(.*?)var (\w+)/#.dotMatchesNewlines()) {
                let custom = match.1.matches(of: #/customLong\("([^"]+)"/#).map { String($0.1) }
                found.formUnion(custom.isEmpty ? [kebab(String(match.2))] : custom)
            }
        }
        return found.sorted()
    }

    /// Every message that the daemon logs, up to what varies in it.
    static func logMessages() throws -> [String] {
        var found: Set<String> = []
        for (_, text) in try Repository.sources("Sources/RefreshService") {
            for call in text.matches(of: #/ogger\.(?:notice|warning|error|critical)\(/#) {
                let message = arguments(text[call.range.upperBound...])
                for literal in message.matches(of: #/"([^"\\]*)/#) where literal.1.count > 3 {
                    found.insert(literal.1.trimmed)
                }
            }
        }
        return found.sorted()
    }

    /// The arguments of a call before its metadata, from behind its parenthesis.
    private static func arguments(_ text: Substring) -> Substring {
        var depth = 1
        let end = text.indices.first { place in
            if text[place] == "(" { depth += 1 }
            if text[place] == ")" { depth -= 1 }
            return depth == 0
        }
        let call = text[..<(end ?? text.endIndex)]
        return call[..<(call.firstRange(of: "metadata:")?.lowerBound ?? call.endIndex)]
    }

    private static func kebab(_ name: String) -> String {
        name.enumerated().map { place, letter in
            letter.isUppercase ? (place == 0 ? "" : "-") + letter.lowercased() : String(letter)
        }.joined()
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " || text.last == ":" { text.removeLast() }
        return String(text)
    }
}
