import Glibc
import Reactor

/// A process that the demonstration started, until it was reaped.
@Loop
final class ChildProcess {
    let name: String
    let pid: pid_t
    /// How it ended, as waitpid says; nil while it lives.
    private(set) var status: Int32?
    /// Called once when it has ended.
    var onExit: (@Loop () -> Void)?
    private let exited = Waiter<Void>()

    init(name: String, pid: pid_t) {
        self.name = name
        self.pid = pid
    }

    /// Looks whether it has ended; to be called at each SIGCHLD.
    func reap() {
        var status: Int32 = 0
        guard self.status == nil, unsafe waitpid(pid, &status, WNOHANG) == pid else { return }
        self.status = status
        exited.give(())
        onExit?()
    }

    /// Waits for its end; false when `timeout` passes first.
    func waitForEnd(timeout: Duration? = nil) async throws(WaitError) -> Bool {
        if status != nil { return true }
        do throws(WaitError) {
            try await exited.wait(timeout: timeout)
            return true
        } catch .timedOut {
            return false
        }
    }

    /// Sends a signal, if it still lives: until it is reaped its number is nobody else's.
    func send(_ signal: Int32) {
        if status == nil { kill(pid, signal) }
    }

    /// How it ended, in words.
    var ending: String {
        guard let status else { return "still runs" }
        let signal = status & 0x7F
        if signal != 0 { return "was killed by signal \(signal)" }
        return "ended with exit code \(status >> 8 & 0xFF)"
    }
}
