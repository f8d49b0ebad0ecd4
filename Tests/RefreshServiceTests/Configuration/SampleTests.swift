import RefreshCore
import Testing

@testable import RefreshService

/// The repository's own files, found from this one.
private func repositoryPath(_ path: String) -> String {
    let here = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    return here.dropLast(4).joined(separator: "/") + "/" + path
}

private func repositoryText(_ path: String) throws -> String {
    let file = try SourceFile(path: repositoryPath(path))
    return String(decoding: file.bytes, as: UTF8.self)
}

@Suite("The sample and the manual")
struct SampleTests {
    private let samplePath = repositoryPath("etc/rekindle/rekindle.toml")

    /// The sample with every setting live: `#key = …` is one, `# prose` is not.
    private func uncommented() throws -> String {
        try repositoryText("etc/rekindle/rekindle.toml").split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in line.hasPrefix("#") && !line.hasPrefix("# ") ? line.dropFirst() : line }
            .joined(separator: "\n")
    }

    private func everything() throws -> Configuration {
        let credentials = try ScratchFolder(["postgres-password": "p", "redis-password": "r"])
        return try Configuration.load(
            text: try uncommented(), file: samplePath, environment: ["CREDENTIALS_DIRECTORY": credentials.path])
    }

    @Test("the sample is valid as it is, and sets nothing")
    func shipped() throws {
        let shipped = try Configuration.load(path: samplePath)
        let empty = try Configuration.load(text: "", file: samplePath)
        #expect(shipped == empty)
    }

    @Test("every setting of the sample is valid at once, without a warning")
    func complete() throws {
        let configuration = try everything()
        #expect(configuration.warnings == [])
        #expect(configuration.registry.regions.map(\.name.text) == ["items", "reports", "pages", "search", "products"])
        #expect(
            configuration.registry.queries.map(\.name.text) == [
                "item", "report", "front_page", "balance", "page", "product", "items_of_tag", "item_of_review",
            ])
        #expect(configuration.registry.channels.count == 6)
        #expect(configuration.tables.count == 1)
    }

    @Test("the defaults that the sample shows are the code's")
    func defaults() throws {
        let configuration = try everything()
        let empty = try Configuration.load(text: "", file: "f")
        #expect(configuration.service == empty.service)
        #expect(configuration.postgres.url == empty.postgres.url)
        #expect(configuration.postgres.workers == empty.postgres.workers)
        #expect(configuration.postgres.statementTimeout == empty.postgres.statementTimeout)
        #expect(configuration.redis.url == empty.redis.url)
        #expect(configuration.health.socket == empty.health.socket)
        #expect(configuration.sampler == empty.sampler)
        #expect(try uncommented().contains("password_credential = \"\(Configuration.Postgres.defaultCredential)\""))
        #expect(try uncommented().contains("password_credential = \"\(Configuration.Redis.defaultCredential)\""))

        let bare = try Configuration.load(
            text: """
                [regions.items]
                prefix = "shop:items:"
                ttl = "1h"
                [regions.reports]
                ttl = "1h"
                stale_after = "5m"
                [regions.pages]
                [queries.item]
                region = "items"
                params = ["id"]
                sql = "SELECT id, name, price FROM items WHERE id = $1"
                warm = "SELECT id FROM items"
                [queries.report]
                region = "reports"
                params = ["month"]
                sql = "SELECT count(*), sum(price) FROM sales WHERE month = $1"
                warm = "SELECT DISTINCT month FROM sales"
                [queries.front_page]
                region = "items"
                key = "front"
                sql = "SELECT id, name FROM items ORDER BY sold DESC LIMIT 10"
                result = "rows"
                [channels.items_changed]
                refresh = [{ query = "item", params = { id = "id" } }]
                publish = [{ channel = "shop:events:items" }]
                """, file: "f"
        ).registry
        let registry = configuration.registry
        #expect(Array(registry.regions.prefix(3)) == bare.regions)
        #expect(Array(registry.queries.prefix(3)) == bare.queries)
        #expect(registry.channels[0].payload == bare.channels[0].payload)
        #expect(registry.channels[0].publish[0] == bare.channels[0].publish[0])
    }

    @Test("every known key is in the sample", arguments: KnownKeys.tables.map(\.title))
    func sampleKeys(title: String) throws {
        let keys = try #require(KnownKeys.tables.first { $0.title == title }).keys
        var section = "top level"
        var found: Set<String> = []
        for line in try uncommented().split(separator: "\n") {
            if line.hasPrefix("[") {
                let names = line.filter { !"[]".contains($0) }.split(separator: ".")
                section =
                    names.count == 3 ? String(names[2]) : names.count == 2 ? "[\(names[0]).NAME]" : "[\(names[0])]"
                if title == "top level", let name = names.first { found.insert(String(name)) }
                if title == "[channels.NAME]", names.count == 3 { found.insert(section) }
            } else if let key = line.split(separator: " ").first {
                if section == title { found.insert(String(key)) }
                // The rules that stand in braces on one line.
                if key == title, line.contains("{") { found.formUnion(keys.filter { line.contains(" \($0) = ") }) }
            }
        }
        #expect(found.intersection(keys) == Set(keys))
    }

    @Test(
        "every known key has a row in its section of the manual, and every row a key",
        arguments: KnownKeys.tables.map(\.title))
    func manualKeys(title: String) throws {
        let manual = try repositoryText("docs/configuration.md")
        let heading = title == "top level" ? "Top level" : "`\(title)`"
        let section = manual.split(separator: "\n", omittingEmptySubsequences: false)
            .drop { $0.drop { $0 == "#" } != " \(heading)" }.dropFirst().prefix { !$0.hasPrefix("#") }
        let rows = section.filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "`").dropFirst().first }
        let keys = try #require(KnownKeys.tables.first { $0.title == title }).keys
        #expect(Set(rows.map(String.init)) == Set(keys))
        #expect(rows.count == keys.count)
    }

    @Test("the faults that the manual shows are those of the file it shows")
    func manualFaults() throws {
        let manual = String(
            try #require(try repositoryText("docs/configuration.md").split(separator: "\n## Faults\n").last))
        let faulty = try #require(block("toml", of: manual))
        let expected = try #require(block("text", of: manual))
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(text: faulty, file: "rekindle.toml")
        }
        #expect(error?.description == expected)
    }

    private func block(_ language: String, of manual: String) -> String? {
        let lines = manual.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "```\(language)") else { return nil }
        return lines[(start + 1)...].prefix { $0 != "```" }.joined(separator: "\n")
    }
}
