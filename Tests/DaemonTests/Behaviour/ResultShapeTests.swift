import TestDaemon
import Testing

/// What is stored of the rows that a query returns: result, format and missing.
struct ResultShapeTests {
    private static let table = """
        CREATE TABLE items (id int PRIMARY KEY, shop text, name text, price numeric);
        INSERT INTO items VALUES (1, 'a', 'one', 1.50), (2, 'a', NULL, 2.00), (3, 'b', 'three', 3)
        """

    /// A region, one query and a channel `changed` with JSON payloads.
    private static func body(_ region: String, _ query: String, params: String = #"{ id = "id" }"#) -> String {
        """
        [regions.r]
        prefix = "r:"
        \(region)
        [queries.q]
        region = "r"
        \(query)
        [channels.changed]
        refresh = [{ query = "q", params = \(params) }]
        """
    }

    @Test func aMissingRowIsStoredAsNullWhenItShallBe() throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body("", #"params = ["id"]"# + "\nsql = 'SELECT name FROM items WHERE id = $1'\nmissing = 'null'"))
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":9}'"#)
        try daemon.eventually(#"{"name":"one"}"#) { site.cli("GET", "r:1") }
        try daemon.eventually("null") { site.cli("GET", "r:9") }
        try site.sql(#"DELETE FROM items WHERE id = 1; NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("null") { site.cli("GET", "r:1") }
    }

    @Test func rowsOfTwoParametersKeepTheirOrder() throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body(
                "",
                """
                params = ["least", "shop"]
                key = "{shop}/{least}"
                result = "rows"
                sql = "SELECT id, name FROM items WHERE id >= $1 AND shop = $2 ORDER BY id DESC"
                """, params: #"{ least = "min", shop = "shop" }"#))
        try site.sql(#"NOTIFY changed, '{"min":1,"shop":"a"}'; NOTIFY changed, '{"shop":"c","min":1}'"#)
        try daemon.eventually(#"[{"id":2,"name":null},{"id":1,"name":"one"}]"#) { site.cli("GET", "r:a/1") }
        try daemon.eventually("[]") { site.cli("GET", "r:c/1") }
    }

    @Test func aColumnIsAnArrayOfItsValues() throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body(
                "",
                """
                params = ["shop"]
                result = "column"
                sql = "SELECT name FROM items WHERE shop = $1 ORDER BY id"
                """, params: #"{ shop = "shop" }"#))
        try site.sql(#"NOTIFY changed, '{"shop":"a"}'; NOTIFY changed, '{"shop":"c"}'"#)
        try daemon.eventually(#"["one",null]"#) { site.cli("GET", "r:a") }
        try daemon.eventually("[]") { site.cli("GET", "r:c") }
        try site.sql(#"DELETE FROM items WHERE id = 2; NOTIFY changed, '{"shop":"a"}'; NOTIFY changed, '{"shop":"b"}'"#)
        try daemon.eventually(#"["one"]"#) { site.cli("GET", "r:a") }
        try daemon.eventually(#"["three"]"#) { site.cli("GET", "r:b") }
    }

    @Test func rowsThatAreMissingCanBeDeleted() throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body(
                "",
                #"params = ["shop"]"# + "\nresult = 'rows'\nmissing = 'delete'\n"
                    + "sql = 'SELECT id FROM items WHERE shop = $1'", params: #"{ shop = "s" }"#))
        try site.sql(#"NOTIFY changed, '{"s":"b"}'"#)
        try daemon.eventually(#"[{"id":3}]"#) { site.cli("GET", "r:b") }
        try site.sql(#"DELETE FROM items WHERE shop = 'b'; NOTIFY changed, '{"s":"b"}'"#)
        try daemon.eventually("0") { site.cli("EXISTS", "r:b") }
    }

    @Test(arguments: [("json", #""one""#, "null", "1.50"), ("text", "one", "", "1.50")])
    func aScalarIsJSONOrText(format: String, text: String, null: String, number: String) throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body(
                "format = '\(format)'",
                #"params = ["id"]"# + "\nresult = 'scalar'\nsql = 'SELECT name FROM items WHERE id = $1'")
                    + """

                    [queries.price]
                    region = "r"
                    params = ["id"]
                    key = "price:{id}"
                    result = "scalar"
                    sql = "SELECT price FROM items WHERE id = $1"
                    [channels.priced]
                    refresh = [{ query = "price", params = { id = "id" } }]
                    """)
        site.cli("SET", "r:2", "before")
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'; NOTIFY priced, '{"id":1}'"#)
        try daemon.eventually(text) { site.cli("GET", "r:1") }
        try daemon.eventually(null) { site.cli("GET", "r:2") }
        try daemon.eventually(number) { site.cli("GET", "r:price:1") }
    }

    @Test func aHashHasOneFieldAColumnAndNoStaleOnes() throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body(
                "format = 'hash'\nttl = '1h'",
                #"params = ["id"]"# + "\nsql = 'SELECT shop, name, price FROM items WHERE id = $1'"))
        site.cli("HSET", "r:1", "stale", "yes")
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'"#)
        func fields(_ key: String) -> [String: String] {
            let lines = site.cli("HGETALL", key).split(separator: "\n").map(String.init)
            return Dictionary(
                uniqueKeysWithValues: stride(from: 0, to: lines.count - 1, by: 2).map { (lines[$0], lines[$0 + 1]) })
        }
        try daemon.eventually(["shop": "a", "name": "one", "price": "1.50"]) { fields("r:1") }
        try daemon.eventually(["shop": "a", "price": "2.00"]) { fields("r:2") }
        #expect(Int(site.cli("TTL", "r:1")).map { $0 > 3500 } == true)

        try site.sql(#"UPDATE items SET name = NULL WHERE id = 1; NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually(["shop": "a", "price": "1.50"]) { fields("r:1") }
        try site.sql(#"DELETE FROM items WHERE id = 1; NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("0") { site.cli("EXISTS", "r:1") }
    }

    @Test func aStringInTheKeysPlaceIsReplacedByAHash() throws {
        let site = try Site()
        try site.sql(Self.table)
        let daemon = try site.daemon(
            Self.body("format = 'hash'", #"params = ["id"]"# + "\nsql = 'SELECT shop FROM items WHERE id = $1'"))
        site.cli("SET", "r:1", "a string of a former configuration")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        try daemon.eventually("a") { site.cli("HGET", "r:1", "shop") }
    }
}
