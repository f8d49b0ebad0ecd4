import RefreshService
import TestDaemon
import TestServers
import Testing

/// docs/examples/nested.md, run as it stands there.
struct NestedTests {
    /// The code blocks of the example in a language, in order.
    private static func blocks(_ language: String) -> [String] {
        let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(4).joined(separator: "/")
        let parts = Files.read("\(root)/docs/examples/nested.md").split(separator: "```\(language)\n").dropFirst()
        return parts.compactMap { $0.split(separator: "\n```", maxSplits: 1).first.map(String.init) }
    }

    @Test("a customer with orders and items is one value, refreshed by events of each table")
    func example() throws {
        let sql = Self.blocks("sql")
        let json = Self.blocks("json")
        try #require(sql.count == 4 && json.count == 3 && Self.blocks("toml").count == 1)
        let site = try Site()
        try site.sql(sql[0])
        try site.sql(sql[1])
        let daemon = try site.daemon(Self.blocks("toml")[0])
        #expect(try daemon.status().named("customer", in: "queries", "form") == "batched")
        /// By Postgres, for which spaces and the order of members are nothing.
        func eventually(_ key: String, _ expected: String) throws {
            try daemon.eventually("t") {
                let value = site.cli("GET", key).replacing("'", with: "''")
                return try value.isEmpty
                    ? "nothing" : site.sql("SELECT '\(value)'::jsonb = '\(expected)'::jsonb OR '\(value)' IS NULL")
            }
        }
        try site.sql(sql[2].replacing("BEGIN;", with: "").replacing("COMMIT;", with: ""))
        try eventually("customer:7", json[0])
        try site.sql(sql[3])
        try eventually("customer:7", json[1])
        try eventually("customer:8", json[2])
        // What the tables hold is what the warm makes, too.
        site.cli("DEL", "customer:7", "customer:8")
        #expect(try daemon.post("/warm?region=customers").status == 200)
        try eventually("customer:7", json[1])
        try site.sql("DELETE FROM orders WHERE id = 70")
        try eventually("customer:7", #"{"id": 7, "name": "Ada", "orders": []}"#)
    }
}
