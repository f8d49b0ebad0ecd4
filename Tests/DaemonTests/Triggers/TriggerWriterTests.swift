import TestDaemon
import TestServers
import Testing

/// What writers may be and do: their statements go on, and nothing that happens is left untold.
struct TriggerWriterTests {
    private static let table = """
        [tables.items]
        key = ["id"]
        channel = "changed"
        """

    private func scene() throws -> TriggerScene {
        try TriggerScene("CREATE TABLE items (id int PRIMARY KEY, name text, at timestamptz)", tables: Self.table)
    }

    private func ids(_ ids: Int...) -> [String] { ids.map { "{\"id\":\($0)}" }.sorted() }

    @Test func aWriterNeedsNoRightButToWrite() throws {
        let scene = try TriggerScene(
            """
            DROP ROLE IF EXISTS modest_writer;
            CREATE ROLE modest_writer;
            CREATE SCHEMA hidden;
            CREATE TABLE hidden.items (id int PRIMARY KEY, name text);
            ALTER TABLE hidden.items ENABLE ROW LEVEL SECURITY;
            CREATE POLICY p ON hidden.items USING (true) WITH CHECK (true);
            CREATE FUNCTION public.insert_item(int) RETURNS void LANGUAGE sql SECURITY DEFINER
                AS 'INSERT INTO hidden.items VALUES ($1)';
            GRANT USAGE ON SCHEMA hidden TO modest_writer;
            GRANT INSERT, DELETE, UPDATE (name), SELECT (id) ON hidden.items TO modest_writer;
            REVOKE ALL ON SCHEMA public FROM public
            """, tables: Self.table.replacing("[tables.items]", with: "[tables.'hidden.items']"))
        // Nobody but its owner may call the function: triggers are not asked.
        try scene.site.sql(
            "DO $$ BEGIN EXECUTE (SELECT format('REVOKE ALL ON FUNCTION %s FROM public', oid::regprocedure) FROM pg_proc WHERE proname LIKE 'rekindle%'); END $$"
        )
        try scene.session.run("SET ROLE modest_writer")
        #expect(try scene.keys("INSERT INTO hidden.items VALUES (1), (2)") == ids(1, 2))
        #expect(try scene.keys("UPDATE hidden.items SET name = 'n'") == ids(1, 2))
        #expect(try scene.keys("DELETE FROM hidden.items WHERE id = 1") == ids(1))
        try scene.session.run("RESET ROLE; REVOKE USAGE ON SCHEMA hidden FROM modest_writer")
        #expect(try scene.keys("SELECT public.insert_item(3)") == ids(3))
    }

    /// Functions, operators and tables that stand in for what the trigger means, and settings that change what it says.
    @Test func aWritersSessionMakesNoDifference() throws {
        let scene = try scene()
        try scene.session.run(
            """
            CREATE SCHEMA evil;
            CREATE FUNCTION evil.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil''; END';
            CREATE FUNCTION evil.fail(text, text) RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil''; END';
            CREATE FUNCTION evil.fail(int, int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''evil''; END';
            CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.fail);
            CREATE OPERATOR evil.< (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.fail);
            CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.fail);
            CREATE DOMAIN evil.text AS int;
            CREATE TEMP TABLE rekindle_new (id text); CREATE TEMP TABLE rekindle_old (id text);
            CREATE TYPE pg_temp.text AS ENUM ('evil');
            SET search_path = pg_temp, evil, public, pg_catalog;
            SET standard_conforming_strings = off; SET escape_string_warning = off;
            SET plpgsql.variable_conflict = use_variable; SET plpgsql.extra_errors = 'all';
            SET plpgsql.extra_warnings = 'all'; SET plan_cache_mode = force_generic_plan;
            SET DateStyle = 'SQL, DMY'; SET extra_float_digits = -15; SET bytea_output = escape;
            SET work_mem = '64kB'; SET client_min_messages = debug1; SET row_security = off; SET quote_all_identifiers = on
            """)
        #expect(try scene.keys("INSERT INTO public.items VALUES (1), (2)") == ids(1, 2))
        #expect(try scene.keys("UPDATE public.items SET name = 'x' WHERE id OPERATOR(pg_catalog.=) 2") == ids(2))
        #expect(try scene.keys("DELETE FROM public.items") == ids(1, 2))
        #expect(try scene.payloads("TRUNCATE public.items") == [#""*""#])
    }

    /// Columns with the names of everything in the function.
    @Test func columnsMayBeNamedAsTheFunctionsVariables() throws {
        let scene = try TriggerScene(
            "CREATE TABLE items (id int, one text, many text, packed text[], whole boolean, tg_op text, element text, place int, image json, k1 text, t int, s int, o int, n int)",
            tables: Self.table.replacing("[\"id\"]", with: "[\"id\", \"one\", \"t\"]"))
        #expect(try scene.keys("INSERT INTO items (id, one, t) VALUES (1, 'a', 2)") == [#"{"id":1,"one":"a","t":2}"#])
        #expect(try scene.keys("UPDATE items SET image = '1'") == [#"{"id":1,"one":"a","t":2}"#])
        #expect(try scene.keys("UPDATE items SET n = 1, o = 2, s = 3, place = 4") == [#"{"id":1,"one":"a","t":2}"#])
        #expect(try scene.payloads("UPDATE items SET k1 = k1") == [])
    }

    @Test func aTableThatIsAlteredMeanwhileIsToldAllTheSame() throws {
        let scene = try scene()
        _ = try scene.keys("INSERT INTO items VALUES (1, 'a')")
        #expect(try scene.keys("UPDATE items SET name = 'b'") == ids(1))
        for change in [
            "ADD COLUMN extra json DEFAULT '1'", "DROP COLUMN at", "ALTER name TYPE varchar(9)",
            "ALTER id TYPE bigint", "RENAME TO others", "RENAME TO items", "ADD COLUMN more int",
        ] {
            // The same session, whose plans are made, and another.
            try scene.session.run("ALTER TABLE \(change.hasPrefix("RENAME TO items") ? "others" : "items") \(change)")
            let table = change == "RENAME TO others" ? "others" : "items"
            #expect(try scene.keys("UPDATE \(table) SET name = name || 'x'") == ids(1), "\(change)")
            #expect(try scene.keys("INSERT INTO \(table) (id) VALUES (2)") == ids(2), "\(change)")
            #expect(try scene.keys("DELETE FROM \(table) WHERE id = 2") == ids(2), "\(change)")
        }
    }

    /// The function can not do its work: the statement goes on, and the whole table is told.
    @Test func whatFailsInsideBecomesTheWholeTable() throws {
        let scene = try scene()
        try scene.session.run("ALTER TABLE items RENAME COLUMN id TO number")
        #expect(try scene.payloads("INSERT INTO items VALUES (1), (2)") == [#""*""#])
        #expect(try scene.payloads("UPDATE items SET number = number + 1 WHERE number = 2") == [#""*""#])
        #expect(try scene.payloads("DELETE FROM items") == [#""*""#])
        #expect(
            scene.site.postgres.log.contains(
                "rekindle tells of public.items as a whole: INSERT failed with SQLSTATE 42703"))
    }

    /// Nothing can be told at all: the statement goes on, with a warning.
    @Test func whatCanNotBeToldIsAWarning() throws {
        let scene = try scene()
        try scene.site.sql(
            """
            DROP ROLE IF EXISTS silent_writer;
            CREATE ROLE silent_writer; GRANT INSERT ON items TO silent_writer;
            REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM public
            """)
        try scene.session.run("SET ROLE silent_writer")
        let printed = try scene.session.run("INSERT INTO items VALUES (1)")
        #expect(printed.contains("WARNING:  rekindle could not tell of INSERT on public.items: SQLSTATE 42501"))
        #expect(!printed.contains("ERROR"))
        #expect(try scene.site.sql("SELECT count(*) FROM items") == "1")
    }

    /// A cancelled statement ends, as its user wants.
    @Test func aStatementCanBeCancelledInsideTheTrigger() throws {
        let scene = try scene()
        try scene.session.run("SET statement_timeout = '150ms'")
        let printed = try scene.session.run("INSERT INTO items SELECT generate_series(1, 3000000)")
        #expect(printed.contains("canceling statement due to statement timeout"))
        #expect(try scene.site.sql("SELECT count(*) FROM items") == "0")
    }

    @Test func transactionsOfEveryIsolationTell() throws {
        let scene = try scene()
        let serializable =
            "BEGIN ISOLATION LEVEL SERIALIZABLE; INSERT INTO items VALUES (1); UPDATE items SET name = 'a'; COMMIT"
        #expect(try scene.payloads(serializable) == [#"[{"id":1}]"#], "equal payloads of one transaction are one")
        let deferred =
            "BEGIN; SET CONSTRAINTS ALL DEFERRED; INSERT INTO items VALUES (2); DELETE FROM items WHERE id = 1; COMMIT"
        #expect(try scene.keys(deferred) == ids(1, 2))
    }
}
