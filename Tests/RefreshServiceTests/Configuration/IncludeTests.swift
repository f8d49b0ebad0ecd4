import RefreshCore
import RefreshService
import Testing

@Suite("Files that include and are included")
struct IncludeTests {
    private func faults(_ folder: ScratchFolder) -> [String] {
        do throws(ConfigurationError) {
            _ = try Configuration.load(path: folder.path + "/main.toml")
            return []
        } catch {
            let root = folder.path + "/"
            return error.description.split(separator: "\n").map { line in
                // The folder has a new name each time.
                line.split(separator: root, omittingEmptySubsequences: false).joined()
            }
        }
    }

    @Test("regions, queries and settings of all files come together, SQL files are beside who names them")
    func merging() throws {
        let folder = try ScratchFolder([
            "main.toml": "include = ['conf.d/*.toml', 'none*.toml']\n[regions.r]\n[postgres]\nworkers = 3",
            "conf.d/20-b.toml": "[regions.b]\n[postgres]\nstatement_timeout = '1s'\n[channels.c]\n"
                + "refresh = [{ query = 'q' }]",
            "conf.d/10-a.toml": "[queries.q]\nregion = 'r'\nsql_file = 'q.sql'\n[regions.a]",
            "conf.d/q.sql": "SELECT 3\n", "conf.d/not.txt": "!",
        ])
        let configuration = try Configuration.load(path: folder.path + "/main.toml")
        #expect(configuration.registry.regions.map(\.name.text) == ["r", "a", "b"])
        #expect(configuration.registry.queries.map(\.sql) == ["SELECT 3\n"])
        #expect(configuration.postgres.workers == 3)
        #expect(configuration.postgres.statementTimeout == .seconds(1))
        #expect(
            configuration.warnings.map { $0.sentence } == [
                #"region "a" has no query and no invalidate rule, so it stays empty"#,
                #"region "b" has no query and no invalidate rule, so it stays empty"#,
            ])
    }

    @Test("what is set twice is a fault that names both places")
    func duplicates() throws {
        let folder = try ScratchFolder([
            "main.toml": "include = 'a.toml'\n[regions.\"a b\"]\n[postgres]\nworkers = 3\nurl = ''",
            "a.toml": "[postgres]\nworkers = 3\n[regions.\"a b\"]",
        ])
        #expect(
            faults(folder) == [
                "a.toml:2:1: workers of [postgres] is set twice; it is already set at main.toml:4:1",
                "a.toml:3:10: [regions.\"a b\"] is set twice; it is already set at main.toml:2:10",
            ])
    }

    @Test("faults of all files are told at once, and a broken file causes no others")
    func everyFile() throws {
        let folder = try ScratchFolder([
            "main.toml": "include = ['*.toml', './*.toml', 'none.toml']\n[regions.r]\nttl = 1\n"
                + "[queries.q]\nregion = 'elsewhere'",
            "a.toml": "[regions.elsewhere", "b.toml": "include = 'c.toml'\n[regions.s]\nformat = 'x'",
        ])
        #expect(
            faults(folder) == [
                "a.toml:1:19: this is not TOML: Error while parsing table header: encountered end-of-file",
                "b.toml:1:1: include may stand in the first file only, main.toml",
                #"b.toml:3:1: format can not be "x", only "json", "text", "hash", "dogpile""#,
                #"main.toml:1:34: the included file "none.toml" can not be read: No such file or directory"#,
                #"main.toml:3:1: ttl needs a unit: 1 is a bare number; write a string such as "30s""#,
                #"main.toml:4:10: [queries.q] needs the key "sql", or "sql_file""#,
            ])
    }

    @Test("a file that is missing, a folder or too large is a fault of the whole file")
    func unreadable() throws {
        let folder = try ScratchFolder([:])
        #expect(faults(folder) == ["main.toml: the configuration can not be read: No such file or directory"])
        try folder.write("main.toml/x", "")
        #expect(faults(folder) == ["main.toml: the configuration can not be read: it is not a regular file"])
        let other = try ScratchFolder(["main.toml": String(repeating: "#", count: 4 << 20 | 1)])
        #expect(faults(other) == ["main.toml: the configuration can not be read: it is larger than 4 MiB"])
    }

    @Test("SQL must be the text of a regular file")
    func sqlFiles() throws {
        let folder = try ScratchFolder([
            "main.toml": "[regions.r]\n[queries.q]\nregion = 'r'\nsql_file = '/dev/null'",
            "e.sql": "  ",
        ])
        #expect(faults(folder) == [#"main.toml:4:1: sql_file "/dev/null" can not be used: it is not a regular file"#])
        try folder.write("main.toml", "[regions.r]\n[queries.q]\nregion = 'r'\nsql_file = 'e.sql'")
        #expect(faults(folder) == [#"main.toml:4:1: sql_file "e.sql" can not be used: it is empty"#])
    }
}
