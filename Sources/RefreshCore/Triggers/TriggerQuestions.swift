/// What is asked of the database's catalogue; each answer is a table of texts.
public enum TriggerQuestions {
    /// The block size and the time zone.
    public static let site = "SELECT current_setting('block_size'), current_setting('TimeZone')"

    /// The oid, schema, name and kind of a table; no row when there is none of that name.
    public static func table(_ name: TableName) -> String {
        """
        SELECT c.oid, n.nspname, c.relname, c.relkind
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = pg_catalog.to_regclass(\(SQLSpelling.literal(name.sql)))
        """
    }

    /// The schemas and names of the tables that a user may have meant.
    public static let tableNames = """
        SELECT n.nspname, c.relname
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        ORDER BY 1, 2 LIMIT 10000
        """

    /// The names of a table's columns and of their types, or of the types under their domains; of a type that is not
    /// Postgres' own, an empty name.
    public static func columns(of table: Int) -> String {
        """
        WITH RECURSIVE base(name, number, type) AS (
            SELECT attname, attnum, atttypid FROM pg_catalog.pg_attribute
            WHERE attrelid = \(table) AND attnum > 0 AND NOT attisdropped
            UNION ALL
            SELECT b.name, b.number, t.typbasetype FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type
            WHERE t.typtype = 'd')
        SELECT b.name, CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN t.typname ELSE '' END
        FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype <> 'd' ORDER BY b.number
        """
    }

    /// The schemas, names and kinds of a table and all below it: its partitions, or what inherits from it.
    public static func members(of table: Int) -> String {
        """
        WITH RECURSIVE member(id, depth) AS (
            SELECT \(table)::pg_catalog.oid, 0
            UNION ALL
            SELECT i.inhrelid, m.depth + 1 FROM member m JOIN pg_catalog.pg_inherits i ON i.inhparent = m.id)
        SELECT n.nspname, c.relname, c.relkind
        FROM (SELECT id, pg_catalog.min(depth) AS depth FROM member GROUP BY id) m
        JOIN pg_catalog.pg_class c ON c.oid = m.id JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        ORDER BY m.depth, 1, 2
        """
    }

    /// The schemas, names, bodies, settings (one a line) and comments of functions that bear the mark, and of those
    /// named; a function that is none like ours has no body.
    public static func functions(marked mark: String, named names: [TableName]) -> String {
        let named = names.map { name in
            "(n.nspname = \(SQLSpelling.literal(name.schema ?? "")) AND p.proname = \(SQLSpelling.literal(name.name)))"
        }
        let isMarked =
            "pg_catalog.obj_description(p.oid, 'pg_proc') = \(SQLSpelling.literal(mark))"
        return """
            SELECT n.nspname, p.proname,
                CASE WHEN l.lanname = 'plpgsql' AND NOT p.prosecdef
                    AND p.prorettype = 'pg_catalog.trigger'::pg_catalog.regtype THEN p.prosrc ELSE '' END,
                pg_catalog.array_to_string(p.proconfig, E'\\n'), pg_catalog.obj_description(p.oid, 'pg_proc')
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
            JOIN pg_catalog.pg_language l ON l.oid = p.prolang
            WHERE p.pronargs = 0 AND (\(([isMarked] + named).joined(separator: " OR ")))
            ORDER BY 1, 2
            """
    }

    /// The schema and name of the table, the name, the type, the names of old and new rows, and the schema and name of
    /// the function, of all triggers that call one of the functions. One that is disabled, or has a condition, columns
    /// or arguments, has type 0.
    public static func triggers(calling functions: [TableName]) -> String {
        let named = functions.map { name in
            "(fn.nspname = \(SQLSpelling.literal(name.schema ?? "")) AND p.proname = \(SQLSpelling.literal(name.name)))"
        }
        return """
            SELECT n.nspname, c.relname, t.tgname,
                CASE WHEN t.tgenabled IN ('O', 'A') AND t.tgqual IS NULL AND t.tgnargs = 0
                    AND t.tgattr::pg_catalog.text = '' THEN t.tgtype ELSE 0 END,
                t.tgoldtable, t.tgnewtable, fn.nspname, p.proname
            FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
            JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace fn ON fn.oid = p.pronamespace
            WHERE NOT t.tgisinternal AND p.pronargs = 0 AND (\((["false"] + named).joined(separator: " OR ")))
            ORDER BY 1, 2, 3
            """
    }

    /// The event of a trigger by what was found of it; nil when it is called otherwise than one of ours.
    public static func event(type: Int, oldRows: String?, newRows: String?) -> TriggerEvent? {
        TriggerEvent.allCases.first { $0.type == type && $0.oldRows == oldRows && $0.newRows == newRows }
    }
}
