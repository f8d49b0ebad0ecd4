import Postgres
import Reactor

/// The shop's life: prices change, orders come, items go and come back, now and then all of a category at once.
@Loop
final class ShopLoad {
    /// The last items by number are the ones that go and come back, one at a time.
    static let restless = 8

    private let connection: PostgresConnection
    private let settings: DemoSettings
    private let timeout = Duration.seconds(30)
    private var parameters = ParameterBuffer()
    private var random = SystemRandomNumberGenerator()
    private var gone: Int?
    private let closing: ClosingTime

    init(_ connection: PostgresConnection, _ settings: DemoSettings, _ closing: ClosingTime) {
        self.connection = connection
        self.settings = settings
        self.closing = closing
    }

    func prepare() async throws(PostgresError) {
        let price = "round((4 + random() * 96)::numeric, 2)"
        for (name, sql) in [
            ("reprice", "UPDATE items SET price = \(price) WHERE id = ANY($1::int[])"),
            (
                "order",
                "INSERT INTO orders (item, quantity) SELECT n, 1 + floor(random() * 3) FROM unnest($1::int[]) AS n"
            ),
            ("sale", "UPDATE items SET price = \(price) WHERE category = $1"),
            ("delete", "DELETE FROM items WHERE id = $1::int"),
            ("restock", "SELECT restock(array[$1::int])"),
            ("headline", "UPDATE categories SET headline = $2 WHERE slug = $1"),
            ("forget", "DELETE FROM orders WHERE id < (SELECT max(id) FROM orders) - 20000"),
        ] {
            try await connection.prepare(name, sql, timeout: timeout)
        }
    }

    /// Works until closing time: fifty transactions a second, and something special each half second.
    func run() async throws(PostgresError) {
        let start = EventLoop.now
        var made = 0
        var turn = 0
        while !closing.isNow {
            let due = Int(Double(EventLoop.now - start) / 1e9 * Double(settings.rate))
            // What a slow machine could not do in time is not made up for.
            if due - made > settings.rate { made = due - settings.rate / 10 }
            // Two of three are prices.
            let count = min(due - made, 2000)
            made += count
            let orders = turn % 3 == 0
            if count > 0 { try await run(orders ? "order" : "reprice", Self.list(of: popular(count))) }
            if turn % 25 == 24 { try await special(turn / 25) }
            turn += 1
            do { try await Loop.sleep(for: .milliseconds(20)) } catch { return }
        }
    }

    private func special(_ number: Int) async throws(PostgresError) {
        switch number % 8 {
        case 0, 4:
            let leaving = settings.items - Int.random(in: 0..<Self.restless, using: &random)
            try await run("delete", String(leaving))
            gone = leaving
        case 2, 6:
            if let gone { try await run("restock", String(gone)) }
            gone = nil
        case 3: try await run("sale", ShopSchema.categories.randomElement(using: &random) ?? "tea")
        case 5: try await run("headline", "coffee", "\(number / 8 + 2) reasons to drink coffee")
        case 7: try await run("forget")
        default: break
        }
    }

    /// Numbers of items, of which the low ones come often.
    private func popular(_ count: Int) -> [Int] {
        (0..<count).map { _ in
            let point = Double.random(in: 0..<1, using: &random)
            return 1 + min(Int(Double(settings.items) * point * point * point), settings.items - Self.restless - 1)
        }
    }

    private static func list(of numbers: [Int]) -> String {
        "{" + numbers.map { String($0) }.joined(separator: ",") + "}"
    }

    private func run(_ statement: String, _ values: String...) async throws(PostgresError) {
        parameters.removeAll()
        for value in values { parameters.append(parameter: value) }
        try connection.send(prepared: statement, &parameters)
        _ = try await connection.result(timeout: timeout)
    }
}
