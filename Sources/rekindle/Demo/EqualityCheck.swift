import Postgres
import Reactor
import Redis

/// Compares what is cached with what the queries return, all of it, once nothing changes any more.
///
/// It asks Redis and Postgres itself and takes the daemon's word for nothing. Postgres decides what is equal, as `jsonb`: the
/// order of an object's members does not count, all else does. An item that is gone must have no key.
@Loop
struct EqualityCheck {
    let cache: RedisConnection
    let shop: PostgresConnection
    let items: Int
    private static let chunk = 500

    /// What came of it.
    struct Outcome: Sendable {
        var values = 0
        var different: [String] = []
    }

    func run() async throws -> Outcome {
        var outcome = Outcome()
        for start in stride(from: 1, through: items, by: Self.chunk) {
            let numbers = start..<min(start + Self.chunk, items + 1)
            try await compare(
                numbers.map { (ShopConfiguration.itemPrefix + String($0), [String($0)]) },
                with: Self.bind(ShopConfiguration.item, ["int"]), result: "to_jsonb(q)", &outcome)
        }
        let shelves = ShopSchema.categories.flatMap { category in ShopSchema.brands.map { [category, $0] } }
        try await compare(
            shelves.map { (ShopConfiguration.shelfPrefix + $0.joined(separator: ":"), $0) },
            with: Self.bind(ShopConfiguration.shelf, ["text", "text"]),
            result: "coalesce(jsonb_agg(to_jsonb(q)), '[]')", &outcome)
        try await compare(
            [(ShopConfiguration.frontKey, [])], with: ShopConfiguration.front,
            result: "coalesce(jsonb_agg(to_jsonb(q)), '[]')", &outcome)
        return outcome
    }

    /// Compares keys, each with its parameters, by one statement.
    private func compare(
        _ keys: [(key: String, parameters: [String])], with query: String, result: String, _ outcome: inout Outcome
    ) async throws {
        let values = try await cache.command(["MGET"] + keys.map(\.key)).elements ?? []
        // An array of [key, value, parameters…]; a value that is JSON stands as it is, so that Postgres reads it.
        var cached: [UInt8] = []
        for (entry, value) in zip(keys, values) {
            cached.append(UInt8(ascii: cached.isEmpty ? "[" : ","))
            cached.append(contentsOf: "[\"\(entry.key)\",".utf8)
            cached.append(contentsOf: value.bytes ?? Array("\"absent\"".utf8))
            for parameter in entry.parameters { cached.append(contentsOf: ",\"\(parameter)\"".utf8) }
            cached.append(UInt8(ascii: "]"))
        }
        cached.append(UInt8(ascii: "]"))
        outcome.values += keys.count
        let sql = """
            SELECT k->>0 FROM jsonb_array_elements($1::jsonb) AS k
            WHERE k->1 IS DISTINCT FROM coalesce((SELECT \(result) FROM (\(query)) AS q), '"absent"'::jsonb)
            """
        try await shop.prepare("", sql, timeout: .seconds(60))
        var parameters = ParameterBuffer()
        unsafe parameters.append(cached.span.bytes)
        parameters.endParameter()
        try shop.send(prepared: "", &parameters)
        let different = try await shop.result(timeout: .seconds(60))
        outcome.different += (0..<different.rowCount).compactMap { different.string($0, 0) }
    }

    /// The query with its parameters taken from the element `k`.
    private static func bind(_ query: String, _ types: [String]) -> String {
        var words = query.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        for (index, type) in types.enumerated() {
            words = words.map { $0 == "$\(index + 1)" ? "(k->>\(index + 2))::\(type)" : $0 }
        }
        return words.joined(separator: " ")
    }
}
