import Glibc
import RefreshService
import TestDaemon
import TestServers

/// Asks a daemon's health ten times a second, and its figures less often.
final class HealthWatch: Sendable {
    /// An answer of `/healthz`.
    struct Answer: Sendable, Equatable {
        /// When it was asked.
        var time: Double
        /// The status; nil when nobody answered.
        var status: Int?
    }

    private struct State {
        var answers: [Answer] = []
        var greatestQueue = 0.0
        var queueLimit = 0.0
        var greatestMemory = 0
        var isStopped = false
    }

    private let state = Guarded(State())

    /// Begins to ask the daemon of this socket; `process` names it, for it may be started anew.
    init(path: String, process: @escaping @Sendable () -> pid_t?) throws {
        try WaitingThread { [self] in
            var next = RunClock.now
            var round = 0
            while !isStopped {
                ask(path)
                if round % 5 == 0 { measure(path, process()) }
                round += 1
                next = max(next + 0.1, RunClock.now)
                RunClock.wait(until: next)
            }
        }.start()
    }

    /// Ends it.
    func stop() { state.withLock { $0.isStopped = true } }

    /// All answers, oldest first.
    var answers: [Answer] { state.withLock { $0.answers } }
    /// The most bytes that the queue had, and its bound.
    var queue: (bytes: Int, limit: Int) { state.withLock { (Int($0.greatestQueue), Int($0.queueLimit)) } }
    /// The most memory that the process had resident, in KiB.
    var memory: Int { state.withLock { $0.greatestMemory } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func ask(_ path: String) {
        let time = RunClock.now
        let status = try? HealthClient(path: path, timeout: .seconds(3)).get("/healthz").status
        state.withLock { $0.answers.append(Answer(time: time, status: status)) }
    }

    private func measure(_ path: String, _ process: pid_t?) {
        if let process {
            let line = Files.read("/proc/\(process)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
            let memory = line.flatMap { Int($0.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") } ?? 0
            state.withLock { $0.greatestMemory = max($0.greatestMemory, memory) }
        }
        guard let reply = try? HealthClient(path: path, timeout: .seconds(3)).get("/status"),
            let status = try? Document(String(decoding: reply.body, as: UTF8.self))
        else { return }
        state.withLock { state in
            state.greatestQueue = max(state.greatestQueue, Double(status["queue.bytes"] ?? "") ?? 0)
            state.queueLimit = Double(status["queue.limit_bytes"] ?? "") ?? state.queueLimit
        }
    }
}
