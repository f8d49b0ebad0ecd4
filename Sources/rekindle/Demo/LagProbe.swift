import Glibc
import Postgres
import Reactor
import Redis

/// Measures the way from commit to cache, from outside: it commits a change to one item, then reads the item's key
/// until it shows that change or a later one.
///
/// The time runs from the commit's acknowledgement here to the first answer of Redis that shows it. Meanwhile it sees to it
/// that no item's revision ever goes down.
@Loop
final class LagProbe {
    private let connection: PostgresConnection
    private let cache: RedisConnection
    private let closing: ClosingTime
    private let items: Int
    private let timeout = Duration.seconds(30)
    private var parameters = ParameterBuffer()
    private var seen: [Int: Int] = [:]
    private(set) var lags = LagRecord()
    /// How often a key was read, and how often it held an older value than before.
    private(set) var looks = 0
    private(set) var steps = 0

    init(_ connection: PostgresConnection, _ cache: RedisConnection, _ closing: ClosingTime, items: Int) {
        self.connection = connection
        self.cache = cache
        self.closing = closing
        self.items = items
    }

    func prepare() async throws(PostgresError) {
        try await connection.prepare(
            "touch", "UPDATE items SET price = price WHERE id = $1::int RETURNING revision", timeout: timeout)
    }

    /// Measures twenty times a second until closing time.
    func run() async throws(DemoError) {
        while !closing.isNow {
            let start = EventLoop.now
            lags.add(try await measure())
            let rest = Duration.milliseconds(50) - .nanoseconds(EventLoop.now - start)
            do { try await Loop.sleep(for: max(rest, .milliseconds(1))) } catch { return }
        }
    }

    /// Changes one item and waits until its key shows it; everything that was committed before has then been heard.
    func measure() async throws(DemoError) -> Int64 {
        let id = Int.random(in: 1...(items - ShopLoad.restless))
        let revision = try await touch(id)
        let start = EventLoop.now
        let limit = start + timeout.nanoseconds
        while true {
            let shown = try await look(at: id)
            let now = EventLoop.now
            if shown >= revision { return now - start }
            if now > limit { throw .step("A change was not in the cache \(timeout) after its commit.") }
            // A burst is under way: the machine is left to it.
            if now - start > 5_000_000 { try await rest() }
        }
    }

    private func touch(_ id: Int) async throws(DemoError) -> Int {
        do throws(PostgresError) {
            parameters.removeAll()
            parameters.append(parameter: String(id))
            try connection.send(prepared: "touch", &parameters)
            let result = try await connection.result(timeout: timeout)
            return result.integer(0, 0) ?? 0
        } catch {
            throw .step("While a price was changed: \(error)")
        }
    }

    private func look(at id: Int) async throws(DemoError) -> Int {
        let value: RedisValue
        do throws(RedisError) { value = try await cache.command("GET", "\(ShopConfiguration.itemPrefix)\(id)") } catch {
            throw .step("While a key was read: \(error)")
        }
        let shown = value.bytes.flatMap { JSONDocument($0)?["revision"] }.flatMap { Int($0) } ?? 0
        looks += 1
        if shown < seen[id] ?? 0 { steps += 1 }
        seen[id] = shown
        return shown
    }

    private func rest() async throws(DemoError) {
        do { try await Loop.sleep(for: .milliseconds(1)) } catch { throw .interrupted(SIGINT) }
    }
}
