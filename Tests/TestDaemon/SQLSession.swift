import Glibc
import TestServers

/// A psql process that stays connected: for transactions that are held open, and for many short ones.
package final class SQLSession {
    private let process: Program
    private let folder: ScratchFolder
    private let input: Int32
    private var seen = 0
    private var count = 0

    /// Connects to the database of a URL.
    package init(url: String) throws {
        guard let folder = ScratchFolder("rekindle-session") else { throw Trouble("No scratch folder.") }
        self.folder = folder
        let pipe = "\(folder.path)/input"
        guard mkfifo(pipe, 0o600) == 0 else { throw Trouble("No pipe: errno \(errno).") }
        // Opened for both, so that opening waits for nobody.
        input = open(pipe, O_RDWR | O_CLOEXEC)
        process = try Program(
            ["psql", "-X", "-q", "-A", "-t", "-d", url],
            .init(input: pipe, output: "\(folder.path)/output", error: "\(folder.path)/output"))
    }

    deinit {
        process.kill()
        close(input)
        folder.remove()
    }

    /// Runs SQL and waits for its end; gives what psql printed, rows or errors. Each statement is a transaction of its
    /// own, unless the text says otherwise.
    @discardableResult
    package func run(_ sql: String, within limit: Duration = .seconds(20)) throws -> String {
        try send(sql)
        return try wait(within: limit)
    }

    /// Begins to run SQL, and does not wait for its end.
    package func send(_ sql: String) throws {
        count += 1
        let bytes = Array("\(sql)\n;\n\\echo done-\(count)\n".utf8)
        guard write(input, bytes, bytes.count) == bytes.count else {
            throw Trouble("psql takes nothing: errno \(errno).")
        }
    }

    /// Waits for the end of what was begun last; gives what psql has printed since the last wait.
    package func wait(within limit: Duration = .seconds(20)) throws -> String {
        let mark = "done-\(count)\n"
        let text = try eventually(within: limit) {
            String(decoding: Files.read("\(folder.path)/output").utf8.dropFirst(seen), as: UTF8.self)
        } where: {
            $0.hasSuffix(mark)
        }
        seen += text.utf8.count
        let printed = text.dropLast(mark.count)
        return String(printed.last == "\n" ? printed.dropLast() : printed)
    }
}
