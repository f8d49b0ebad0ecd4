import Testing

@testable import RefreshService

/// What operators meet and the manual does not name is a fault of the manual.
@Suite("The manual names all that there is")
struct ManualTests {
    private let operations: String
    private let configuration: String

    init() throws {
        operations = try Repository.text("docs/operations.md")
        configuration = try Repository.text("docs/configuration.md")
    }

    @Test("every metric, with its type")
    func metrics() throws {
        let metrics = try SourceScan.metrics()
        #expect(metrics.count > 20, "the scan finds the metrics")
        for (name, kind) in metrics {
            let isNamed = operations.contains("| `\(name)` | \(kind) |")
            #expect(isNamed, "docs/operations.md lacks a row of \(name), \(kind)")
        }
    }

    @Test("no metric that is gone")
    func goneMetrics() throws {
        let known = Set(try SourceScan.metrics().map(\.name))
        for match in operations.matches(of: #/`(rekindle_[a-z_]+)`/#) {
            #expect(known.contains(String(match.1)), "docs/operations.md names \(match.1), which is no metric")
        }
    }

    @Test("every endpoint")
    func endpoints() {
        for endpoint in HealthServer.standardEndpoints {
            let isNamed = operations.contains("| `\(endpoint.name)` |")
            #expect(isNamed, "docs/operations.md lacks a row of \(endpoint.name)")
        }
    }

    @Test("every subcommand")
    func subcommands() throws {
        let subcommands = try SourceScan.subcommands()
        #expect(subcommands.contains("serve"), "the scan finds the subcommands")
        for name in subcommands {
            let isNamed = operations.contains("| `rekindle \(name)` |")
            #expect(isNamed, "docs/operations.md lacks a row of rekindle \(name)")
        }
    }

    @Test("every long option")
    func options() throws {
        let options = try SourceScan.options()
        #expect(options.contains("config"), "the scan finds the options")
        for option in options {
            let isNamed = operations.contains("`--\(option)`")
            #expect(isNamed, "docs/operations.md does not name --\(option)")
        }
    }

    @Test("every log message")
    func logMessages() throws {
        let messages = try SourceScan.logMessages()
        #expect(messages.contains("listening"), "the scan finds the messages")
        for message in messages {
            let isNamed = operations.contains("`\(message)")
            #expect(isNamed, "docs/operations.md does not explain the log message \"\(message)\"")
        }
    }

    @Test("every message id, with its message", arguments: Occurrence.allCases)
    func messageIDs(occurrence: Occurrence) {
        let isNamed = operations.contains("| `\(occurrence.rawValue)` | `\(occurrence.messageID)` |")
        #expect(isNamed, "docs/operations.md lacks the MESSAGE_ID of \(occurrence.rawValue)")
        #expect(Occurrence.allCases.count { $0.messageID == occurrence.messageID } == 1)
        #expect(occurrence.messageID.count == 32)
    }

    @Test("every key of the configuration, in its own table")
    func configurationKeys() {
        for (title, keys) in KnownKeys.tables {
            let rows = section(title)
            #expect(!rows.isEmpty, "docs/configuration.md has no section \(title)")
            for key in keys {
                let isNamed = rows.contains("| `\(key)` |")
                #expect(isNamed, "docs/configuration.md lacks a row of \(key) in \(title)")
            }
        }
    }

    /// The text below the heading that names a table of the configuration, up to the next heading.
    private func section(_ title: String) -> String {
        var isInside = false
        var lines: [Substring] = []
        for line in configuration.split(separator: "\n") {
            if line.hasPrefix("#") {
                isInside = line.lowercased().contains(title.lowercased())
            } else if isInside {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }
}
