import Glibc
import TestServers

/// How a program in the machine ended, and what it wrote to standard output and error.
struct ProgramResult: CustomStringConvertible {
    let words: [String]
    let code: Int32
    let output: String

    /// The output without the last end of line.
    var text: String { output.hasSuffix("\n") ? String(output.dropLast()) : output }

    /// The output of a program that ended with 0; throws when it did not.
    func get() throws -> String {
        guard code == 0 else { throw Trouble(description) }
        return text
    }

    var description: String { "\(words.joined(separator: " ")) ended with \(code):\n\(output)" }
}

/// A program in the machine that runs beside the test.
final class BackgroundProgram {
    private let words: [String]
    private let id: pid_t
    private let output: Int32
    private var isOver = false

    /// Starts it; `launch` is the command that brings it into the machine.
    init(_ words: [String], _ launch: [String]) throws {
        var ends: [Int32] = [0, 0]
        guard Child.pipe(&ends) else { throw Trouble("No pipe: errno \(errno).") }
        defer { close(ends[1]) }
        guard let id = Child.start(launch, output: ends[1]) else { throw Trouble("\(words) can not be started.") }
        (self.words, self.id, output) = (words, id, ends[0])
    }

    deinit {
        if isOver { return }
        kill(id, SIGTERM)
        _ = wait()
    }

    /// Waits for its end.
    func wait() -> ProgramResult {
        isOver = true
        var text = ""
        Child.lines(of: output) { text += $0 + "\n" }
        return ProgramResult(words: words, code: Child.wait(for: id), output: text)
    }
}
