/// P14: payloads that nobody should send, on every channel.
struct HostilePayloads: Fault {
    var row: String { "P14" }
    var what: String { "hostile payloads" }
    var place: FaultPlace { .workload }

    private static let payloads = [
        "", "x", "{", "{\"id\":", "{\"id\":null}", "{\"id\":{\"a\":[1]}}", "{\"id\":99999999999999999999}",
        "{\"id\":\"007\"}", "{\"id\":-5}", "{\"id\":\"1; DROP TABLE lists\"}", "{\"id\":1.5}", "' OR 1=1 --",
        "\u{202E}ab", String(repeating: "[", count: 7_000), String(repeating: "9", count: 7_999), "700,", ",,,",
        "\"open",
    ]

    func inject(_ arena: Arena) throws {
        for channel in ["lists_changed", "pairs_changed", "counter_changed", "pages_changed", "pages_gone"] {
            let calls = Self.payloads.map { "pg_notify('\(channel)', $body$\($0)$body$)" }
            // Postgres may be away by another fault.
            guard (try? arena.sql("SELECT \(calls.joined(separator: ", "))")) != nil else { continue }
            arena.ledger.sent(channel, Self.payloads.count)
        }
    }
}
