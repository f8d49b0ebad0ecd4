import TestDaemon
import TestServers
import Testing

/// What triggers tell of a statement.
struct TriggerPayloadTests {
    private static let items = """
        [tables.items]
        key = ["id"]
        channel = "changed"
        """

    private func items(_ columns: String = "id int PRIMARY KEY, name text, price numeric, doc json") throws
        -> TriggerScene
    {
        try TriggerScene("CREATE TABLE items (\(columns))", tables: Self.items)
    }

    private func ids(_ ids: Int...) -> [String] { ids.map { "{\"id\":\($0)}" }.sorted() }

    @Test func everyStatementTellsTheKeysOfItsRows() throws {
        let scene = try items()
        #expect(try scene.keys("INSERT INTO items VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)") == ids(1, 2, 3))
        #expect(try scene.payloads("UPDATE items SET price = 5 WHERE id = 2") == [#"[{"id":2}]"#])
        #expect(try scene.keys("UPDATE items SET price = price + 1") == ids(1, 2, 3))
        #expect(try scene.keys("DELETE FROM items WHERE id > 1") == ids(2, 3))
        #expect(try scene.keys("COPY items (id) FROM STDIN;\n7\n8\n\\.\n") == ids(7, 8))
        #expect(try scene.payloads("TRUNCATE items") == [#""*""#])
        #expect(try scene.payloads("DELETE FROM items") == [])
    }

    @Test func aChangedKeyIsToldOldAndNew() throws {
        let scene = try items()
        _ = try scene.keys("INSERT INTO items VALUES (1), (2)")
        #expect(try scene.keys("UPDATE items SET id = id + 10") == ids(1, 11, 12, 2))
        // Each takes another's place: all rows are there as before, and both keys have others.
        _ = try scene.keys("UPDATE items SET name = 'n' || id")
        let swap = "ALTER TABLE items DROP CONSTRAINT items_pkey; UPDATE items SET id = 23 - id"
        #expect(try scene.keys(swap) == ids(11, 12))
    }

    @Test func whatDoesNotChangeIsNotTold() throws {
        let scene = try items()
        _ = try scene.keys(#"INSERT INTO items VALUES (1, 'a', 1.0, '{"a":1}'), (2, NULL, NULL, NULL)"#)
        #expect(try scene.payloads("UPDATE items SET name = name, doc = doc, id = id") == [])
        #expect(
            try scene.payloads("UPDATE items SET price = 1.00 WHERE id = 1") == [#"[{"id":1}]"#],
            "it is shown otherwise")
        #expect(try scene.payloads(#"UPDATE items SET doc = '{"a": 1}' WHERE id = 1"#) == [#"[{"id":1}]"#])
        #expect(try scene.payloads("UPDATE items SET name = '' WHERE id = 2") == [#"[{"id":2}]"#])
        #expect(try scene.payloads("BEGIN; INSERT INTO items VALUES (9); ROLLBACK") == [])
        #expect(try scene.payloads("BEGIN; SAVEPOINT s; INSERT INTO items VALUES (8); ROLLBACK TO s; COMMIT") == [])
    }

    @Test func onlyWatchedColumnsCount() throws {
        let scene = try TriggerScene(
            """
            CREATE DOMAIN odd AS point;
            CREATE TABLE items (id int PRIMARY KEY, gone text, name text, seen timestamptz, place odd, doc xml,
                double int GENERATED ALWAYS AS (id * 2) STORED);
            ALTER TABLE items DROP COLUMN gone
            """,
            tables: Self.items + "\ncolumns = [\"name\", \"place\", \"doc\", \"double\"]")
        #expect(try scene.keys("INSERT INTO items (id) VALUES (1), (2)") == ids(1, 2))
        #expect(try scene.payloads("UPDATE items SET seen = now()") == [])
        #expect(try scene.keys("UPDATE items SET seen = now(), name = 'n' WHERE id = 2") == ids(2))
        #expect(try scene.keys("UPDATE items SET place = '(1,2)'") == ids(1, 2))
        #expect(try scene.payloads("UPDATE items SET place = '(1,2)'") == [])
        #expect(try scene.keys("UPDATE items SET doc = '<a/>' WHERE id = 1") == ids(1))
        #expect(try scene.keys("UPDATE items SET id = 3 WHERE id = 1") == ids(1, 3))
    }

    @Test func statementsThatDoSeveralThingsTellOfEach() throws {
        let scene = try items()
        _ = try scene.keys("INSERT INTO items VALUES (1), (2)")
        let upsert =
            "INSERT INTO items VALUES (2, 'two'), (3, 'three') ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        #expect(try scene.keys(upsert) == ids(2, 3))
        #expect(try scene.payloads("INSERT INTO items VALUES (1) ON CONFLICT DO NOTHING") == [])
        let merge = """
            MERGE INTO items i USING (VALUES (1), (2), (4)) v(id) ON i.id = v.id
            WHEN MATCHED AND i.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET name = 'm'
            WHEN NOT MATCHED THEN INSERT (id) VALUES (v.id)
            """
        #expect(try scene.keys(merge) == ids(1, 2, 4))
        let chain = "WITH gone AS (DELETE FROM items WHERE id = 2 RETURNING *) INSERT INTO items SELECT 5 FROM gone"
        #expect(try scene.keys(chain) == ids(2, 5))
    }

    @Test func aKeyIsToldOnceAStatementAndARowWithoutItNever() throws {
        let scene = try TriggerScene(
            "CREATE TABLE orders (id serial, customer int, shop text)",
            tables: "[tables.orders]\nkey = [\"customer\", \"shop\"]\nchannel = \"changed\"")
        func key(_ customer: Int?, _ shop: String?) -> String {
            #"{"customer":\#(customer.map { "\($0)" } ?? "null"),"shop":\#(shop.map { "\"\($0)\"" } ?? "null")}"#
        }
        let insert =
            "INSERT INTO orders (customer, shop) VALUES (1, 'a'), (1, 'a'), (1, 'b'), (NULL, 'a'), (2, NULL), (NULL, NULL)"
        #expect(try scene.keys(insert) == [key(1, "a"), key(1, "b"), key(2, nil), key(nil, "a")])
        #expect(try scene.keys("UPDATE orders SET id = -id WHERE coalesce(customer::text, shop) IS NULL") == [])
        #expect(try scene.keys("UPDATE orders SET customer = 3 WHERE shop IS NULL") == [key(2, nil), key(3, nil)])
        #expect(try scene.keys("UPDATE orders SET customer = NULL WHERE shop = 'b'") == [key(1, "b"), key(nil, "b")])
        // One of two orders of one customer moves: he and the other are told.
        #expect(try scene.keys("UPDATE orders SET customer = 4 WHERE id = 1") == [key(1, "a"), key(4, "a")])
        let single = try TriggerScene(
            "CREATE TABLE orders (customer int)", tables: "[tables.orders]\nkey = [\"customer\"]\nchannel = \"changed\""
        )
        #expect(try single.keys("INSERT INTO orders VALUES (NULL), (7)") == [#"{"customer":7}"#])
        #expect(try single.keys("UPDATE orders SET customer = NULL") == [#"{"customer":7}"#])
        #expect(try single.keys("DELETE FROM orders") == [])
    }

    /// One payload of exactly 7,999 bytes, and of one more.
    @Test func payloadsAreFullToTheByte() throws {
        let scene = try TriggerScene(
            "CREATE TABLE items (id text)", tables: Self.items)
        // Around each text {"id":""}, between two a comma, around all [].
        func insert(_ bytes: Int, _ letter: String = "x") -> String {
            "INSERT INTO items VALUES (repeat('\(letter)', \(bytes / letter.utf8.count)))"
        }
        #expect(try scene.payloads(insert(7_999 - 9 - 2)).map(\.utf8.count) == [7_999])
        #expect(try scene.payloads(insert(7_999 - 9 - 2 + 1)) == [#""*""#])
        #expect(try scene.payloads(insert(7_988, "é")).map(\.utf8.count) == [7_999])
        #expect(try scene.payloads(insert(7_990, "é")) == [#""*""#])
        let pair = "INSERT INTO items VALUES (repeat('a', 3989)), (repeat('b', 3989"
        #expect(try scene.payloads(pair + "))").map(\.utf8.count) == [7_999])
        #expect(try scene.payloads(pair + " + 1))").map(\.utf8.count).sorted() == [4_000, 4_001])
        // Quotes and newlines are escaped, which counts.
        #expect(try scene.payloads("INSERT INTO items VALUES (repeat('\"', 3994))").map(\.utf8.count) == [7_999])
        #expect(try scene.payloads("INSERT INTO items VALUES (repeat('\"', 3995))") == [#""*""#])
    }

    @Test func manyKeysGoInSeveralPayloadsUpToABound() throws {
        let scene = try TriggerScene("CREATE TABLE items (id text)", tables: Self.items)
        func insert(_ count: Int) -> String {
            "INSERT INTO items SELECT lpad(i::text, 1000, 'x') FROM generate_series(1, \(count)) i"
        }
        // Seven keys of 1,010 bytes a payload.
        let most = try scene.payloads(insert(64 * 7))
        #expect(most.count == 64)
        #expect(try Set(most.flatMap { try TriggerScene.elements($0) }).count == 448)
        #expect(try scene.payloads(insert(64 * 7 + 1)) == [#""*""#])
        #expect(try scene.payloads("UPDATE items SET id = id || 'y'") == [#""*""#])
        #expect(try scene.payloads("DELETE FROM items") == [#""*""#])
    }

    @Test func aHundredThousandRowsMakeOneMarker() throws {
        let scene = try items()
        #expect(try scene.payloads("INSERT INTO items SELECT generate_series(1, 100000)") == [#""*""#])
        #expect(
            try scene.keys("UPDATE items SET name = CASE WHEN id % 50000 = 0 THEN 'x' ELSE name END")
                == ids(100_000, 50_000))
        let some = try scene.payloads("UPDATE items SET price = 1 WHERE id <= 20000")
        #expect(some.count > 20 && some.count <= 64)
        #expect(try Set(some.flatMap { try TriggerScene.elements($0) }).count == 20_000)
    }
}
