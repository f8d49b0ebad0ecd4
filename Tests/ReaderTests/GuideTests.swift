import TestDaemon
import TestServers
import Testing

/// What runs the guides' programs.
private enum Interpreter {
    static let nodePath = ["NODE_PATH": "/usr/share/nodejs"]
    static let node = works(["node", "-e", "require('redis')"], nodePath)
    static let php = works(["php", "-r", "new Redis();"], [:])

    static func environment(_ variables: [String: String]) -> [String: String] {
        Environment.current.merging(variables) { _, new in new }
    }

    private static func works(_ words: [String], _ variables: [String: String]) -> Bool {
        (try? Command.run(words, environment: environment(variables)))?.exit == .code(0)
    }
}

/// The examples of docs/readers: each guide's SQL, configuration and program, run as they stand there, must print what the
/// guide shows.
struct GuideTests {
    @Test(.enabled("dogpile.cache can not be installed") { Releases.areThere }, arguments: Releases.names)
    func python(release: String) throws {
        // The program is the module that the guide says it is.
        try run("python", program: "shop/prices.py", in: ["python", "text"]) { folder in
            (
                [Releases.python(release), "-c", "import shop.prices"],
                ["PYTHONPATH": "\(folder):\(Releases.root)/clients/python/src", "PYTHONDONTWRITEBYTECODE": "1"]
            )
        }
    }

    @Test(.enabled("nodejs and node-redis are not installed") { Interpreter.node })
    func node() throws {
        try run("node", program: "shop/reader.js", in: ["javascript", "text"]) { folder in
            (["node", "\(folder)/shop/reader.js"], Interpreter.nodePath)
        }
    }

    @Test(.enabled("php-cli and php-redis are not installed") { Interpreter.php })
    func php() throws {
        try run("php", program: "shop/reader.php", in: ["php", "text"]) { folder in
            (["php", "\(folder)/shop/reader.php"], [:])
        }
    }

    private func run(
        _ guide: String, program: String, in languages: [String],
        _ command: (String) -> (words: [String], environment: [String: String])
    ) throws {
        let text = Files.read("\(Releases.root)/docs/readers/\(guide).md")
        func blocks(_ language: String) -> String { Self.blocks(language, of: text).joined(separator: "\n") }
        let site = try Site()
        try site.sql(blocks("sql"))
        let daemon = try site.daemon(blocks("toml"))
        _ = try Command.run(["mkdir", "-p", "\(site.folder)/shop"])
        try Files.write(
            blocks(languages[0]).replacing("/run/redis/redis-server.sock", with: site.redis.socketPath),
            to: "\(site.folder)/\(program)")
        let (words, environment) = command(site.folder)
        let ended = try Command.run(words, environment: Interpreter.environment(environment), within: .seconds(60))
        #expect(ended.exit == .code(0), "\(ended.error)")
        #expect(ended.output == blocks(languages[1]) + "\n", "\(ended.error)\(daemon.log)")
        #expect(!ended.output.isEmpty)
    }

    /// The fenced blocks of a language, in order.
    private static func blocks(_ language: String, of text: String) -> [String] {
        var found: [String] = []
        var lines: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "```\(language)" {
                lines = []
            } else if line == "```", let block = lines {
                found.append(block.joined(separator: "\n"))
                lines = nil
            } else {
                lines?.append(line)
            }
        }
        return found
    }
}
