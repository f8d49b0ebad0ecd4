import Glibc
import TestServers

/// The order of all writes as Redis itself made them, read from its append-only files while they grow.
final class WriteLog {
    private let folder: String
    private var offset = 0
    private var parser = AppendOnlyParser()
    private var lost = 0
    /// How many bytes were read.
    private(set) var bytes = 0

    /// The log of a Redis server whose files are in this folder.
    init(folder: String) { self.folder = folder }

    /// Arguments by which a server keeps such a log, in one file that is never rewritten.
    static let arguments = [
        "--appendonly", "yes", "--appendfsync", "no", "--auto-aof-rewrite-percentage", "0",
    ]

    /// Reads what was written since the last call.
    func read(_ body: (AppendOnlyParser.Change) -> Void) {
        let name = "\(folder)/appendonlydir/appendonly.aof.1.incr.aof"
        for change in readOn(name) { body(change) }
    }

    /// After a crash of Redis: what it had not written whole it cuts off when it starts again.
    func crashed(_ body: (AppendOnlyParser.Change) -> Void) {
        read(body)
        offset -= parser.pending
        parser = AppendOnlyParser()
    }

    /// Reads what is left and moves the files away, as if Redis had lost its data; Redis must not run.
    func lose(_ body: (AppendOnlyParser.Change) -> Void) {
        read(body)
        rename("\(folder)/appendonlydir", "\(folder)/lost-\(lost)")
        lost += 1
        offset = 0
        parser = AppendOnlyParser()
    }

    private func readOn(_ path: String) -> [AppendOnlyParser.Change] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        lseek(descriptor, offset, SEEK_SET)
        var changes: [AppendOnlyParser.Change] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 {
            offset += count
            bytes += count
            changes += parser.take(Array(chunk[..<count]))
        }
        return changes
    }
}
