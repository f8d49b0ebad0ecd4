import TestDaemon
import TestServers

/// Reads the counters of the shop's items from the cache, again and again, and notes every one that goes back.
final class Observer: Sendable {
    private struct State {
        var last: [Int: Int] = [:]
        var rounds = 0
        var steps: [String] = []
        var isStopped = false
    }

    private let state: Guarded<State>

    /// Begins to watch the first `items` items.
    init(_ site: Site, items: Int) throws {
        state = Guarded(State())
        let path = site.redis.socketPath
        let thread = WaitingThread { [self] in
            while !isStopped { try? watch(path, items) }
        }
        try thread.start()
    }

    /// Ends the watch; gives how many rounds it made, and every step back that it saw.
    func stop() -> (rounds: Int, steps: [String]) {
        state.withLock { state in
            state.isStopped = true
            return (state.rounds, state.steps)
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func watch(_ path: String, _ items: Int) throws {
        let client = try RedisClient(path: path)
        while !isStopped {
            try client.send(["MGET"] + (1...items).map { "items:\($0)" })
            let values = try client.next().list
            state.withLock { state in
                state.rounds += 1
                for (index, value) in values.enumerated() {
                    guard let text = value.text, let mark = text.firstRange(of: "\"v\":"),
                        let number = Int(text[mark.upperBound...].prefix { $0.isNumber })
                    else { continue }
                    if let last = state.last[index], number < last {
                        state.steps.append("items:\(index + 1) went from \(last) to \(number)")
                    }
                    state.last[index] = number
                }
            }
        }
    }
}
