import TestDaemon
import TestServers
import Testing

/// Partitions, inheritance, foreign keys, and names of every kind.
struct TriggerTreeTests {
    private static let table = """
        [tables.t]
        key = ["id"]
        channel = "changed"
        """

    /// The partitions' columns stand in other orders, and one partition is partitioned again.
    private static let partitioned = """
        CREATE TABLE t (gone int, id int, name text, part int, PRIMARY KEY (id, part)) PARTITION BY RANGE (part);
        ALTER TABLE t DROP COLUMN gone;
        CREATE TABLE t0 PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (10) TO (20) PARTITION BY LIST (part);
        CREATE TABLE t10 (part int NOT NULL, name text, dead text, id int NOT NULL);
        ALTER TABLE t10 DROP COLUMN dead;
        ALTER TABLE t1 ATTACH PARTITION t10 FOR VALUES IN (10);
        CREATE TABLE t_rest PARTITION OF t DEFAULT
        """

    private func ids(_ ids: Int...) -> [String] { ids.map { "{\"id\":\($0)}" }.sorted() }

    @Test func aPartitionedTableTellsOfAllItsRows() throws {
        let scene = try TriggerScene(Self.partitioned, tables: Self.table)
        let insert = "INSERT INTO t (id, part) VALUES (1, 1), (2, 10), (3, 99)"
        #expect(try scene.keys(insert) == ids(1, 2, 3))
        #expect(try scene.keys("UPDATE t SET name = 'n'") == ids(1, 2, 3))
        #expect(try scene.payloads("UPDATE t SET name = name") == [])
        #expect(try scene.keys("DELETE FROM t WHERE id = 3") == ids(3))
        #expect(try scene.keys("COPY t (id, part) FROM STDIN;\n7\t10\n8\t0\n\\.\n") == ids(7, 8))
        #expect(try scene.payloads("TRUNCATE t") == [#""*""#])
    }

    @Test func aRowThatMovesToAnotherPartitionIsTold() throws {
        let scene = try TriggerScene(Self.partitioned, tables: Self.table)
        _ = try scene.keys("INSERT INTO t (id, part) VALUES (1, 1), (2, 2), (3, 10)")
        #expect(try scene.keys("UPDATE t SET part = 10 WHERE id = 1") == ids(1))
        #expect(try scene.keys("UPDATE t SET part = 50, id = 20 WHERE id = 2") == ids(2, 20))
        #expect(try scene.keys("UPDATE t SET part = part + 100, name = 'moved'") == ids(1, 20, 3))
        #expect(try scene.site.sql("SELECT count(*) FROM t_rest WHERE name = 'moved'") == "3")
    }

    @Test func writesToAPartitionItselfAreToldToo() throws {
        let scene = try TriggerScene(Self.partitioned, tables: Self.table)
        #expect(try scene.keys("INSERT INTO t0 (id, part) VALUES (1, 1)") == ids(1))
        #expect(try scene.keys("INSERT INTO t10 (id, part) VALUES (2, 10)") == ids(2))
        #expect(try scene.keys("INSERT INTO t1 (id, part) VALUES (3, 10)") == ids(3))
        #expect(try scene.keys("UPDATE t10 SET name = 'x', id = id + 10") == ids(12, 13, 2, 3))
        #expect(try scene.payloads("TRUNCATE t10") == [#""*""#])
    }

    @Test func aTableThatOthersInheritFromTellsOfTheirRows() throws {
        let scene = try TriggerScene(
            """
            CREATE TABLE t (id int, name text);
            CREATE TABLE child (extra json) INHERITS (t);
            CREATE TABLE grandchild (more point) INHERITS (child)
            """, tables: Self.table)
        #expect(
            try scene.keys("INSERT INTO t VALUES (1); INSERT INTO child VALUES (2); INSERT INTO grandchild VALUES (3)")
                == ids(1, 2, 3))
        #expect(try scene.keys("UPDATE t SET name = 'n'") == ids(1, 2, 3))
        #expect(try scene.keys("UPDATE ONLY t SET name = 'm'") == ids(1))
        #expect(try scene.keys("UPDATE child SET extra = '1'") == ids(2, 3), "any column of the table that is written")
        #expect(try scene.keys("DELETE FROM t WHERE id = 3") == ids(3))
    }

    @Test func whatAForeignKeyCascadesToIsTold() throws {
        let scene = try TriggerScene(
            """
            CREATE TABLE parent (id int PRIMARY KEY);
            CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE);
            INSERT INTO parent VALUES (1), (2);
            INSERT INTO t VALUES (10, 1), (11, 1), (20, 2)
            """, tables: Self.table)
        #expect(try scene.keys("DELETE FROM parent WHERE id = 1") == ids(10, 11))
        #expect(try scene.keys("UPDATE parent SET id = 3") == ids(20))
        #expect(try scene.payloads("TRUNCATE parent CASCADE") == [#""*""#])
    }

    /// Names that SQL must quote, that look like SQL, that are as long as names can be, or that only look equal.
    static let names = [
        #"we"ird T'able\"#, "SELECT", "a.b", "ÉÀ日本語", String(repeating: "x", count: 63), "$rekindle$", "new\nline",
        "t; DROP TABLE t; --", "é", "e\u{301}", "UPPER", #"\"#, "%s %% :x ${y}", "place", "k1", "one",
    ]

    @Test(arguments: names) func namesAreQuotedWhateverTheyAre(name: String) throws {
        func identifier(_ name: String) -> String {
            "\"" + name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
        }
        func toml(_ name: String) -> String {
            "\"" + name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : $0 == "\n" ? "\\n" : "\($0)" }.joined() + "\""
        }
        let quoted = identifier(name)
        let channel = String(name.filter { $0 != "\n" })
        let scene = try TriggerScene(
            """
            CREATE SCHEMA \(quoted);
            CREATE TABLE \(quoted).\(quoted) (\(quoted) int PRIMARY KEY, other json);
            """,
            tables: """
                [tables.\(toml("\(quoted).\(quoted)"))]
                key = [\(toml(name))]
                columns = ["other"]
                channel = \(toml(channel))
                """, channel: channel)
        #expect(try scene.triggers("--diff").exit == .code(0))
        let payload = try #require(try scene.payloads("INSERT INTO \(quoted).\(quoted) VALUES (7)").first)
        let reader = try Document(payload)
        #expect(reader["0"]?.hasSuffix(":7}") == true)
        if !name.contains(".") { #expect(reader["0.\(name)"] == "7") }
        #expect(try scene.payloads("UPDATE \(quoted).\(quoted) SET other = '1'") == [payload])
        #expect(try scene.payloads("UPDATE \(quoted).\(quoted) SET other = '1'") == [])
        #expect(try scene.payloads("DELETE FROM \(quoted).\(quoted)") == [payload])
        #expect(try scene.triggers("--drop").exit == .code(0))
        #expect(try scene.site.sql("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == "0")
    }
}
