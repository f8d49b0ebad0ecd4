import Reactor
import RefreshService

/// Reads the daemon's figures, five times a second, and keeps the last minute of them.
@Loop
final class DaemonWatch {
    /// Oldest first.
    private(set) var history: [DaemonFigures] = []
    private var first: DaemonFigures?
    /// Whether the last question was answered.
    private(set) var answers = true
    private let client: HealthClient
    static let period = Duration.milliseconds(200)
    private static let kept = 300
    private static let patience = Duration.seconds(5)

    init(socket: String) { client = HealthClient(path: socket, timeout: .seconds(1)) }

    var latest: DaemonFigures { history.last ?? DaemonFigures() }

    /// What came since the first reading.
    var whole: DaemonFigures { first.map { latest.since($0) } ?? DaemonFigures() }

    /// What came in the last so many readings.
    func recent(_ readings: Int) -> DaemonFigures {
        guard history.count > 1 else { return DaemonFigures() }
        return latest.since(history[max(0, history.count - 1 - readings)])
    }

    /// Reads until the task is cancelled or the daemon has been silent for five seconds.
    func run() async throws(DemoError) {
        var heard = ContinuousClock.now
        while !Task.isCancelled {
            if let figures = await read() {
                heard = .now
                if first == nil { first = figures }
                history.append(figures)
                if history.count > Self.kept { history.removeFirst() }
            }
            if ContinuousClock.now - heard > Self.patience { throw .silent(Self.patience) }
            do { try await Loop.sleep(for: Self.period) } catch { return }
        }
    }

    /// Asks once. The client blocks, and therefore not on the loop's thread: what is timed there goes on.
    func read() async -> DaemonFigures? {
        let client = client
        let figures = await withTaskExecutorPreference(globalConcurrentExecutor) { await Self.ask(client) }
        answers = figures != nil
        return figures
    }

    private nonisolated static func ask(_ client: HealthClient) async -> DaemonFigures? {
        guard let reply = try? client.get("/metrics"), reply.status == 200 else { return nil }
        return DaemonFigures(metrics: reply.body, at: EventLoop.now)
    }
}
