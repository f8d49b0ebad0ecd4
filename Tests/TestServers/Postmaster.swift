import Glibc

/// One run of a server, watched over by a thread of its own.
final class Postmaster: @unchecked Sendable {
    // Unchecked Sendable: what changes is touched under this lock only.
    private let lock = Lock()
    private let command: [String]
    private let readyWord: String
    private var pid: pid_t?
    private var lines: [String] = []
    private var ready = false
    private var ended = false

    /// Starts it, and returns when it takes connections, which it logs by `readyWord`, or has ended.
    init(_ command: [String], readyWord: String = "database system is ready to accept ") {
        self.command = command
        self.readyWord = readyWord
        var thread = pthread_t()
        // The parent-death signal follows this thread, so it does nothing else and lives as long as the server.
        pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Postmaster>.fromOpaque(argument).takeRetainedValue().watch()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        pthread_detach(thread)
        lock.wait { ready || ended }
    }

    var isReady: Bool { lock.locked { ready } }
    var log: String { lock.locked { lines }.joined(separator: "\n") }

    /// Sends a signal and waits for the end.
    func stop(_ signal: Int32) {
        lock.locked { if let pid { kill(pid, signal) } }
        lock.wait { ended }
    }

    private func watch() {
        var ends: [Int32] = [0, 0]
        if Child.pipe(&ends) {
            let pid = Child.start(command, output: ends[1])
            lock.locked { self.pid = pid }
            close(ends[1])
            Child.lines(of: ends[0]) { note($0) }
            if let pid { _ = Child.wait(for: pid) }
        }
        lock.locked {
            pid = nil
            ended = true
        }
    }

    private func note(_ line: String) {
        lock.locked {
            if lines.count > 5000 { lines.removeFirst(2500) }
            lines.append(line)
            if line.contains(readyWord) { ready = true }
        }
    }
}
