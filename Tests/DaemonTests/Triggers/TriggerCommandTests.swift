import TestDaemon
import TestServers
import Testing

/// `rekindle triggers` itself: what it makes, compares, removes and refuses.
struct TriggerCommandTests {
    private static let table = """
        [tables.items]
        key = ["id"]
        channel = "changed"

        """
    private static let schema = """
        CREATE TABLE items (id int PRIMARY KEY, name text) PARTITION BY HASH (id);
        CREATE TABLE items_0 PARTITION OF items FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE items_1 PARTITION OF items FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        CREATE TABLE others (id int)
        """
    private static let others = table + "[tables.others]\nkey = [\"id\"]\nchannel = \"changed\"\n"

    /// The lines of `--diff`, without what is only a name's hash; nil when nothing differs.
    private func differences(_ scene: TriggerScene, at place: SourceLocation = #_sourceLocation) throws -> [String]? {
        let diff = try scene.triggers("--diff")
        #expect(
            diff.exit == .code(diff.output.contains("are as the configuration says") ? 0 : 1), sourceLocation: place)
        if diff.exit == .code(0) { return nil }
        return diff.output.split(separator: "\n").map { String($0.replacing(#/_[0-9a-f]{8}/#, with: "")) }
    }

    private func named(_ scene: TriggerScene, _ table: String = "items") throws -> String {
        try scene.site.sql("SELECT proname FROM pg_proc WHERE proname LIKE 'rekindle\\_\(table)\\_%'")
    }

    @Test func thePrintedScriptMakesWhatApplyMakes() throws {
        let scene = try TriggerScene(Self.schema, tables: Self.others, applies: false)
        #expect(try differences(scene)?.count == 2 + 4 * 4)
        let print = try scene.triggers()
        #expect(try print.exit == .code(0) && print.output == scene.triggers("--print").output)
        #expect(print.output.contains("-- public.items, and 2 tables below it: id (int4) to channel changed\n"))
        try Files.write(print.output, to: "\(scene.site.folder)/print.sql")
        for _ in 1...2 {
            let psql = try Command.run([
                "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", scene.site.databaseURL, "-f",
                "\(scene.site.folder)/print.sql",
            ])
            #expect(psql.exit == .code(0) && psql.output == "" && psql.error == "", "\(psql)")
            #expect(try differences(scene) == nil)
        }
        #expect(try scene.triggers("--apply").output == "16 triggers for 2 tables are as the configuration says\n")
    }

    @Test func whatDiffersIsToldAndMended() throws {
        let scene = try TriggerScene(Self.schema, tables: Self.table)
        let function = try named(scene)
        let damages: [(String, [String])] = [
            ("DROP TRIGGER \(function)_update ON items", ["missing trigger rekindle_items_update on public.items"]),
            (
                "ALTER TABLE items_0 DISABLE TRIGGER \(function)_insert",
                ["changed trigger rekindle_items_insert on public.items_0: it is disabled or called otherwise"]
            ),
            (
                "CREATE OR REPLACE TRIGGER \(function)_delete AFTER DELETE ON items FOR EACH STATEMENT EXECUTE FUNCTION \(function)()",
                ["changed trigger rekindle_items_delete on public.items: it is disabled or called otherwise"]
            ),
            (
                "CREATE TRIGGER mine AFTER INSERT ON others FOR EACH STATEMENT EXECUTE FUNCTION \(function)()",
                ["extra trigger mine on public.others"]
            ),
            (
                "COMMENT ON FUNCTION \(function)() IS NULL",
                ["changed function public.rekindle_items: its comment is another, by which it is found again"]
            ),
            (
                "ALTER FUNCTION \(function)() SET search_path = public",
                ["changed function public.rekindle_items: its settings are others"]
            ),
            (
                "ALTER FUNCTION \(function)() SECURITY DEFINER",
                ["changed function public.rekindle_items: it does something else"]
            ),
            (
                "CREATE OR REPLACE FUNCTION \(function)() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                ["changed function public.rekindle_items: it does something else"]
            ),
            (
                "CREATE TABLE items_2 (id int PRIMARY KEY, name text); ALTER TABLE items DETACH PARTITION items_0; DROP TABLE items_0; ALTER TABLE items_2 RENAME TO items_0; ALTER TABLE items ATTACH PARTITION items_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                ["insert", "update", "delete", "truncate"].map {
                    "missing trigger rekindle_items_\($0) on public.items_0"
                }
            ),
            (
                "ALTER TABLE items DETACH PARTITION items_1",
                ["delete", "insert", "truncate", "update"].map {
                    "extra trigger rekindle_items_\($0) on public.items_1"
                }
            ),
        ]
        for (damage, lines) in damages {
            try scene.site.sql(damage)
            #expect(try differences(scene) == lines, "\(damage)")
            #expect(try scene.triggers("--apply").exit == .code(0))
            #expect(try differences(scene) == nil, "\(damage)")
        }
    }

    @Test func whatIsConfiguredNoMoreIsExtra() throws {
        let scene = try TriggerScene(Self.schema, tables: Self.others)
        try scene.configure(Self.table)
        #expect(try differences(scene) == ["extra function public.rekindle_others"])
        let json = try Document(scene.triggers("--diff", "--json").output)
        #expect(json["same"] == "false" && json["differences.0.kind"] == "extra" && json["differences.1"] == nil)
        let apply = try scene.triggers("--apply")
        #expect(apply.output.hasPrefix("mended: extra function public.rekindle_others_"))
        #expect(try differences(scene) == nil)
        #expect(try scene.payloads("INSERT INTO others VALUES (1)") == [])
        try scene.configure(Self.table + "columns = [\"name\"]\n")
        #expect(try differences(scene) == ["changed function public.rekindle_items: it does something else"])
        try scene.site.sql("ALTER TABLE items RENAME TO goods")
        try scene.configure(Self.table.replacing("items", with: "goods"))
        #expect(try scene.triggers("--apply").exit == .code(0))
        #expect(try scene.payloads("INSERT INTO goods VALUES (1)") == [#"[{"id":1}]"#], "told once")
    }

    @Test func dropRemovesAllOfThisInstanceAndNothingElse() throws {
        let scene = try TriggerScene(Self.schema, tables: Self.others)
        try scene.configure(Self.table, service: "second")
        #expect(try scene.triggers("--apply").exit == .code(0))
        #expect(try scene.payloads("INSERT INTO items VALUES (1)") == [#"[{"id":1}]"#], "the two tell the same")
        try scene.site.sql(
            """
            CREATE FUNCTION rekindle_mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE TRIGGER mine AFTER INSERT ON items EXECUTE FUNCTION rekindle_mine()
            """)
        // The first instance's tables are gone from its configuration, or can not be found: all the same.
        try scene.configure("[tables.nowhere]\nkey = [\"id\"]\nchannel = \"changed\"")
        let drop = try scene.triggers("--drop")
        #expect(drop.exit == .code(0) && drop.output.split(separator: "\n").count == 2, "\(drop)")
        #expect(try scene.triggers("--drop").output == "nothing was made for this instance\n")
        try scene.configure(Self.table, service: "second")
        #expect(try differences(scene) == nil)
        #expect(try scene.triggers("--drop").exit == .code(0))
        #expect(try scene.site.sql("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal") == "mine")
        #expect(try scene.payloads("INSERT INTO items VALUES (2)") == [])
    }

    @Test func whatTheDatabaseSaysAgainstTheConfigurationHasItsPlace() throws {
        let scene = try TriggerScene(
            Self.schema + """
                ;
                CREATE VIEW shown AS SELECT * FROM others;
                CREATE MATERIALIZED VIEW kept AS SELECT * FROM others;
                CREATE SCHEMA shop; CREATE TABLE shop.orders (id int);
                CREATE SEQUENCE numbers;
                CREATE FOREIGN DATA WRAPPER none; CREATE SERVER away FOREIGN DATA WRAPPER none;
                CREATE TABLE mixed (id int) PARTITION BY LIST (id);
                CREATE FOREIGN TABLE far PARTITION OF mixed FOR VALUES IN (1) SERVER away
                """, tables: "", applies: false)
        let rest = "\nkey = [\"id\"]\nchannel = \"changed\"\n"
        let cases = [
            ("itms", "there is no table \"itms\" in the database; did you mean \"items\"?"),
            ("Items", "there is no table \"Items\" in the database; did you mean \"items\"?"),
            ("'shop.order'", "there is no table \"shop.order\" in the database; did you mean \"shop.orders\"?"),
            ("shown", "\"shown\" is a view: name the tables that it reads"),
            ("kept", "\"kept\" is a materialized view, which no statement writes: name the tables that it reads"),
            ("far", "\"far\" is a foreign table, which shows its rows to no trigger"),
            ("numbers", "\"numbers\" is no table"),
            ("items_pkey", "\"items_pkey\" is no table"),
            (
                "mixed",
                "\"mixed\" has the foreign table \"far\" below it, which shows its rows to no trigger: writers would fail"
            ),
        ]
        for (name, sentence) in cases {
            try scene.configure("[tables.\(name)]" + rest)
            for action in ["--print", "--diff", "--apply"] {
                let command = try scene.triggers(action)
                #expect(command.exit == .code(78) && command.output == "", "\(command)")
                #expect(command.error == "\(scene.path):6:9: \(sentence)\n")
            }
        }
        try scene.configure(
            "[tables.items]\nkey = [\"id\", \"nme\"]\ncolumns = [\"nam\"]\nchannel = \"changed\"\n[tables.\"public.items\"]"
                + rest
                + "[tables.'\"items\"']" + rest)
        let faults = try scene.triggers().error.split(separator: "\n").map { $0.dropFirst(scene.path.utf8.count) }
        #expect(
            faults == [
                ":7:1: \"items\" has no column \"nme\"; did you mean \"name\"?",
                ":8:1: \"items\" has no column \"nam\"; did you mean \"name\"?",
                ":13:9: the table \"public.items\" is configured twice, by two names",
            ])
    }

    @Test func exitCodesTellWhatIsToBeDone() throws {
        let scene = try TriggerScene(
            Self.schema + """
                ;
                DROP ROLE IF EXISTS modest_maker;
                CREATE ROLE modest_maker LOGIN;
                DROP ROLE IF EXISTS plain_maker;
                CREATE ROLE plain_maker LOGIN;
                GRANT TRIGGER ON items, items_0, items_1 TO modest_maker;
                GRANT CREATE ON SCHEMA public TO modest_maker
                """, tables: Self.table, applies: false)
        func url(_ role: String) -> String { scene.site.databaseURL.replacing("user=postgres", with: "user=\(role)") }
        let plain = try scene.triggers("--apply", "--url", url("plain_maker"))
        #expect(plain.exit == .code(77) && plain.error.contains("--url"), "\(plain)")
        #expect(try scene.triggers("--diff", "--url", url("plain_maker")).exit == .code(1), "reading needs no right")
        // TRIGGER on the tables and CREATE on the schema are all that making, mending and removing need.
        #expect(try scene.triggers("--apply", "--url", url("modest_maker")).exit == .code(0))
        try scene.configure(Self.table + "columns = [\"name\"]\n")
        #expect(try scene.triggers("--apply", "--url", url("modest_maker")).exit == .code(0))
        #expect(try scene.triggers("--drop", "--url", url("modest_maker")).exit == .code(0))

        #expect(try scene.triggers("--apply", "--drop").exit == .code(64))
        let nowhere = try scene.triggers("--apply", "--url", "postgresql:///x?host=/nonexistent")
        #expect(nowhere.exit == .code(69) && nowhere.output == "")
        try scene.configure("[tables.items]\nkey = \"id\"\nchannel = \"changed\"")
        let fault = try scene.triggers()
        #expect(fault.exit == .code(78) && fault.error.hasPrefix("\(scene.path):7:1: key must be an array of strings"))
        try scene.configure("")
        #expect(try scene.triggers("--diff").output == "0 triggers for 0 tables are as the configuration says\n")
    }

    /// Who waits for a table makes all its writers wait: that ends after a while, and nothing is changed.
    @Test func aTableThatStaysLockedIsLeftAlone() throws {
        let scene = try TriggerScene(Self.schema, tables: Self.others, applies: false)
        let blocker = try scene.site.session()
        try blocker.run("BEGIN; LOCK TABLE items_1 IN ROW EXCLUSIVE MODE")
        let locked = try scene.triggers("--apply")
        #expect(locked.exit == .code(75) && locked.error.contains("stayed locked"), "\(locked)")
        #expect(try scene.site.sql("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal") == "0")
        try blocker.run("COMMIT")
        #expect(try scene.triggers("--apply").exit == .code(0))
    }
}
