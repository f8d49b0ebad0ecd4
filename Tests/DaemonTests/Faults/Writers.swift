import TestDaemon
import Testing

/// Two pgbench clients that raise counters of random items, up to some hundreds a second, until they are stopped.
final class Writers {
    private let program: Program
    private let script: String

    /// Starts them on the first `items` items.
    init(_ site: Site, items: Int, perSecond: Int = 1_000) throws {
        script = "\(site.folder)/writers-\(items).sql"
        try Files.write("\\set id random(1, \(items))\nUPDATE items SET v = v + 1 WHERE id = :id;\n", to: script)
        program = try Program(
            [
                "pgbench", "-n", "-f", script, "-c", "2", "-T", "300", "-R", String(perSecond), "-d", site.databaseURL,
            ], .init(output: "\(site.folder)/writers.log", error: "\(site.folder)/writers.log"))
    }

    /// Stops them. What they had begun may still be committed, soon.
    func stop() { program.kill() }

    /// Whether they still write.
    var isRunning: Bool { program.exit == nil }
}

extension Site {
    /// Waits until the writers have committed so many more updates.
    func writes(_ count: Int, at place: SourceLocation = #_sourceLocation) throws {
        func total() throws -> Int { Int(try sql("SELECT sum(v) FROM items")) ?? 0 }
        let before = try total()
        try eventually(within: .seconds(30), file: place.fileID, line: place.line) {
            try total()
        } where: {
            $0 >= before + count
        }
    }
}
