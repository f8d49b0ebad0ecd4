import Glibc
import TestDaemon
import TestServers

/// Reads the keys that change, again and again, as a program with this cache would, and checks what it sees.
final class KeyReader: Sendable {
    /// From when until when a reader saw a list with so many numbers.
    struct Span: Sendable {
        var key: String
        var length: Int
        var from: Double
        var until: Double
    }

    private struct State {
        var check = VersionCheck()
        var spans: [Span] = []
        var current: [String: Int] = [:]
        var rounds = 0
        var isStopped = false
    }

    private let state = Guarded(State())
    private let number: Int

    /// Begins to read.
    init(_ number: Int, path: String, board: Board) throws {
        self.number = number
        try WaitingThread { [self] in
            while !isStopped {
                try? watch(path, board)
                usleep(50_000)
            }
        }.start()
    }

    /// Ends it.
    func stop() { state.withLock { $0.isStopped = true } }

    /// What was seen so far.
    var check: VersionCheck { state.withLock { $0.check } }
    /// How long each list had how many numbers.
    var spans: [Span] { state.withLock { $0.spans } }
    /// How often all keys were read.
    var rounds: Int { state.withLock { $0.rounds } }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func watch(_ path: String, _ board: Board) throws {
        let client = try RedisClient(path: path)
        while !isStopped {
            let keys = board.liveKeys
            let begin = RunClock.now
            try client.send(["MGET"] + keys)
            let values = try client.next().list
            state.withLock { state in
                state.rounds += 1
                for (key, value) in zip(keys, values) {
                    if let text = value.text { note(key, Array(text.utf8), begin, &state) }
                }
            }
            usleep(15_000)
        }
    }

    private func note(_ key: String, _ value: [UInt8], _ time: Double, _ state: inout State) {
        state.check.see(Sighting(key: key, value: value, time: time, source: "reader \(number)"))
        guard key.hasPrefix("list:"), case .rows(let rows) = CachedValue(value, of: key), let row = rows.first else {
            return
        }
        if let last = state.current[key], state.spans[last].length == row.length {
            state.spans[last].until = time
        } else {
            state.current[key] = state.spans.count
            state.spans.append(Span(key: key, length: row.length, from: time, until: time))
        }
    }
}
