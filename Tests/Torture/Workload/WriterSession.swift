import Glibc
import TestDaemon
import TestServers

/// A psql process by two pipes, for many short transactions; each is known to be committed, undone, or in doubt.
final class WriterSession {
    /// What became of a transaction.
    enum Outcome: Sendable, Equatable {
        /// Committed for certain.
        case committed
        /// Undone for certain.
        case undone
        /// The session ended before the answer.
        case doubtful
    }

    private let folder: ScratchFolder
    private let process: Program
    private let input: Int32
    private let output: Int32
    private var heard: [UInt8] = []
    private var count = 0

    /// Connects to a database; it is not waited for.
    init(url: String) throws {
        guard let folder = ScratchFolder("rekindle-writer") else { throw Trouble("No scratch folder.") }
        self.folder = folder
        let pipes = (input: "\(folder.path)/input", output: "\(folder.path)/output")
        guard mkfifo(pipes.input, 0o600) == 0, mkfifo(pipes.output, 0o600) == 0 else {
            throw Trouble("No pipes: errno \(errno).")
        }
        // Opened for both, so that opening waits for nobody.
        input = open(pipes.input, O_RDWR | O_CLOEXEC)
        output = open(pipes.output, O_RDWR | O_CLOEXEC)
        process = try Program(
            ["psql", "-X", "-q", "-A", "-t", "-d", url],
            .init(input: pipes.input, output: pipes.output, error: pipes.output))
    }

    deinit {
        process.kill()
        close(input)
        close(output)
        folder.remove()
    }

    /// Whether it can be used again.
    var isUsable: Bool { process.exit == nil }

    /// Runs statements as one transaction, in one message.
    func transaction(_ statements: [String], commits: Bool = true) -> Outcome {
        count += 1
        let mark = "committed-\(count)"
        let end = commits ? "COMMIT\\; SELECT '\(mark)'" : "ROLLBACK"
        let text =
            "SET client_min_messages = error;\nBEGIN\\; \(statements.joined(separator: "\\; "))\\; \(end);\n"
            + "ROLLBACK;\n\\echo end-\(count)\n"
        guard send(text) else { return .doubtful }
        var isCommitted = false
        while let line = line() {
            if line == mark { isCommitted = true }
            if line == "end-\(count)" { return isCommitted ? .committed : .undone }
        }
        return isCommitted ? .committed : .doubtful
    }

    private func send(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return process.exit == nil && write(input, bytes, bytes.count) == bytes.count
    }

    /// The next line that psql prints; nil once it has ended.
    private func line() -> String? {
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = heard.firstIndex(of: UInt8(ascii: "\n")) {
                defer { heard.removeFirst(end + 1) }
                return String(decoding: heard[..<end], as: UTF8.self)
            }
            var watched = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            if poll(&watched, 1, 50) == 1 {
                let count = read(output, &chunk, chunk.count)
                if count > 0 { heard += chunk[..<count] }
            } else if process.exit != nil {
                // What it wrote last may have come between the two questions.
                guard poll(&watched, 1, 0) == 1 else { return nil }
            }
        }
    }
}
