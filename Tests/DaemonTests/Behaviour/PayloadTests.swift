import TestDaemon
import Testing

/// How payloads become parameters, and which queries they reach.
struct PayloadTests {
    private static let queries = """
        [regions.r]
        prefix = "r:"
        [queries.name]
        region = "r"
        key = "name:{id}"
        params = ["id"]
        result = "scalar"
        sql = "SELECT name FROM items WHERE id = $1"
        [queries.pair]
        region = "r"
        key = "pair:{id}:{name}"
        params = ["id", "name"]
        result = "scalar"
        sql = "SELECT count(*) FROM items WHERE id = $1 AND name = $2"

        """

    private func site() throws -> Site {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text)")
        try site.sql("INSERT INTO items VALUES (1, 'a,b'), (2, 'two')")
        return site
    }

    @Test func aJSONPathGoesThroughObjectsAndArrays() throws {
        let site = try site()
        let daemon = try site.daemon(
            Self.queries + """
                [channels.orders]
                refresh = [{ query = "name", params = { id = "order.items.0.id" } }]
                """)
        try site.sql(#"NOTIFY orders, '{"x":[],"order":{"items":[{"no":9,"id":2},{"id":1}]}}'"#)
        try daemon.eventually(#""two""#) { site.cli("GET", "r:name:2") }
        #expect(site.cli("EXISTS", "r:name:1") == "0")
    }

    @Test func aTextPayloadIsTheOneParameter() throws {
        let site = try site()
        let daemon = try site.daemon(
            Self.queries + """
                [channels.plain]
                payload = "text"
                refresh = [{ query = "name" }]
                """)
        try site.sql("NOTIFY plain, '2'")
        try daemon.eventually(#""two""#) { site.cli("GET", "r:name:2") }
    }

    @Test func csvFieldsAreQuotedByRFC4180() throws {
        let site = try site()
        let daemon = try site.daemon(
            Self.queries + """
                [channels.lines]
                payload = "csv"
                refresh = [{ query = "pair", params = { id = 2, name = "0" } }]
                """)
        try site.sql(#"NOTIFY lines, '"a,b",ignored,1'"#)
        try daemon.eventually("1") { site.cli("GET", "r:pair:1:a,b") }
    }

    @Test func oneChannelReachesSeveralQueriesAndOneQueryHasSeveralChannels() throws {
        let site = try site()
        let daemon = try site.daemon(
            Self.queries + """
                [channels.twofold]
                refresh = [
                    { query = "name", params = { id = "id" } },
                    { query = "pair", params = { id = "id", name = "name" } },
                ]
                [channels."Other Channel"]
                payload = "text"
                refresh = [{ query = "name" }]
                """)
        try site.sql(#"NOTIFY twofold, '{"id":2,"name":"two"}'"#)
        try daemon.eventually(#""two""#) { site.cli("GET", "r:name:2") }
        try daemon.eventually("1") { site.cli("GET", "r:pair:2:two") }
        try site.sql(#"UPDATE items SET name = 'zwei' WHERE id = 2; SELECT pg_notify('Other Channel', '2')"#)
        try daemon.eventually(#""zwei""#) { site.cli("GET", "r:name:2") }
    }
}
