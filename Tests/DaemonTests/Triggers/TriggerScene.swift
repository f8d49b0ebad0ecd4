import RefreshService
import TestDaemon
import TestServers

/// A database, the triggers that `rekindle triggers` makes in it, and a session that writes and hears what they tell.
final class TriggerScene {
    let site: Site
    let session: SQLSession
    /// The configuration file.
    let path: String
    private let channel: String

    /// Makes a schema and the triggers of `tables`, all of which notify one channel.
    init(_ schema: String, tables: String, channel: String = "changed", applies: Bool = true) throws {
        site = try Site()
        self.channel = channel
        path = "\(site.folder)/rekindle.toml"
        session = try site.session()
        if !schema.isEmpty { try site.sql(schema) }
        try configure(tables)
        if applies {
            let apply = try triggers("--apply")
            guard apply.exit == .code(0) else { throw Trouble("\(apply)") }
        }
        let quoted = channel.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        try session.run("LISTEN \"\(quoted)\"")
    }

    /// Writes the configuration anew.
    func configure(_ tables: String, service: String = "rekindle") throws {
        let spelled = channel.map { "\"\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        try Files.write(
            """
            [service]
            name = "\(service)"
            [postgres]
            url = "\(site.databaseURL)"
            [channels."\(spelled)"]
            \(tables)
            """, to: path)
    }

    /// Runs `rekindle triggers`.
    func triggers(_ arguments: String...) throws -> Command {
        try Command.run([Products.rekindle, "triggers", "--config", path] + arguments)
    }

    /// The payloads that SQL has caused; throws when the writer sees an error or a warning.
    func payloads(_ sql: String, in session: SQLSession? = nil) throws -> [String] {
        let printed = try (session ?? self.session).run(sql)
        for word in ["ERROR", "WARNING", "FATAL"] where printed.contains(word) {
            throw Trouble("\(sql): \(printed)\n\(site.postgres.log)")
        }
        return printed.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("Asynchronous notification \""),
                let start = line.firstRange(of: "\" with payload \"")?.upperBound,
                let end = line.ranges(of: "\" received from").last?.lowerBound
            else { return nil }
            return String(line[start..<end])
        }
    }

    /// The keys that SQL has caused to be told, sorted.
    func keys(_ sql: String, in session: SQLSession? = nil) throws -> [String] {
        try payloads(sql, in: session).flatMap { try Self.elements($0) }.sorted()
    }

    /// The elements of a payload; the marker of a whole table as it is.
    static func elements(_ payload: String) throws -> [String] {
        if payload == "\"*\"" { return [payload] }
        let bytes = Array(payload.utf8)
        guard bytes.count <= 7_999, let reader = JSONReader(), bytes.withUnsafeBytes({ reader.open($0) }),
            let places = reader.elements()
        else { throw Trouble("This is no array of at most 7,999 bytes: \(payload)") }
        return places.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}
