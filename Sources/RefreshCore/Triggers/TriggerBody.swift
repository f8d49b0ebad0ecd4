/// The PL/pgSQL of a table's trigger function.
///
/// It gathers the keys that a statement has changed, packs them into payloads, and notifies. Whatever goes wrong
/// inside, the writer's statement goes on: the whole table is told instead, and if even that fails, a warning is left.
struct TriggerBody {
    /// More payloads than this are not sent by one statement: the whole table is told instead.
    static let mostPayloads = 64

    private let table: TriggerTable
    private let payloadBytes: Int

    init(_ table: TriggerTable, payloadBytes: Int) {
        self.table = table
        self.payloadBytes = payloadBytes
    }

    var text: String {
        let channel = SQLSpelling.literal(table.channel)
        let about = "Notifies channel \(table.channel) of the keys that a statement has changed in \(table.name)."
        let lines =
            [
                "", "#variable_conflict use_column",
                "-- Made by rekindle triggers; what is changed here is lost when that is run again.",
                SQLSpelling.comment(about), "DECLARE", "    one text;", "    many text;", "    packed text[] := '{}';",
                "    whole boolean := TG_OP = 'TRUNCATE';", "BEGIN",
            ] + loop("IF", .insert, keys(of: "rekindle_new")) + loop("ELSIF", .delete, keys(of: "rekindle_old"))
            + loop("ELSIF", .update, changedKeys) + ["    END IF;"]
        return lines.joined(separator: "\n") + """

                IF whole THEN
                    PERFORM pg_notify(\(channel), '"*"');
                ELSIF many IS NOT NULL THEN
                    FOREACH one IN ARRAY packed LOOP
                        PERFORM pg_notify(\(channel), '[' || one || ']');
                    END LOOP;
                    PERFORM pg_notify(\(channel), '[' || many || ']');
                END IF;
                RETURN NULL;
            EXCEPTION WHEN OTHERS THEN
                RAISE LOG 'rekindle tells of %.% as a whole: % failed with SQLSTATE %',
                    TG_TABLE_SCHEMA, TG_TABLE_NAME, TG_OP, SQLSTATE;
                BEGIN
                    PERFORM pg_notify(\(channel), '"*"');
                EXCEPTION WHEN OTHERS THEN
                    RAISE WARNING 'rekindle could not tell of % on %.%: SQLSTATE %; what is cached of it may be wrong',
                        TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME, SQLSTATE;
                END;
                RETURN NULL;
            END

            """
    }

    /// One branch: packs the keys that a query returns.
    private func loop(_ word: String, _ event: TriggerEvent, _ query: [String]) -> [String] {
        ["    \(word) TG_OP = '\(event.sql)' THEN", "        FOR one IN"] + query.map { "            " + $0 }
            + ["        LOOP"] + packing.map { "            " + $0 } + ["        END LOOP;"]
    }

    /// Adds `one` to the payload `many`, or begins another. A key that fits no payload alone, or one payload too
    /// many, makes it the whole table.
    private var packing: [String] {
        [
            "IF octet_length(many) + octet_length(one) < \(payloadBytes - 2) THEN",
            "    many := many || ',' || one;",
            "ELSE",
            "    IF many IS NOT NULL THEN packed := packed || many; END IF;",
            "    many := one;",
            "    whole := octet_length(one) > \(payloadBytes - 2) OR cardinality(packed) >= \(Self.mostPayloads);",
            "    EXIT WHEN whole;",
            "END IF;",
        ]
    }

    /// The keys of all rows; a row has none when all columns of its key are NULL.
    private func keys(of rows: String) -> [String] {
        [
            "SELECT DISTINCT s.element",
            "FROM (SELECT \(element { "t.\(SQLSpelling.identifier($0.name))" }) AS element FROM \(rows) t) s",
            "WHERE s.element IS NOT NULL",
        ]
    }

    /// The old and the new keys of rows that have changed.
    ///
    /// Old and new rows are paired by their place: the server keeps them in one order. Nothing rests on that: what is
    /// not told lies in a pair of two equal rows, so each row that is gone or new is told, however they are paired.
    /// Rows are compared by their images (`*<>`), which every type has, and by which 1.0 and 1.00 differ.
    private var changedKeys: [String] {
        let names = (0..<table.key.count).map { "k\($0 + 1)" }
        let columns = zip(table.key, names).map { "t.\(SQLSpelling.identifier($0.name)) AS \($1)" }
        let row = "row_number() OVER () AS place, \(columns.joined(separator: ", ")), \(image) AS image"
        func side(_ side: String) -> String {
            var names = names.makeIterator()
            return element { _ in "\(side).\(names.next() ?? "")" }
        }
        return [
            "SELECT DISTINCT s.element",
            "FROM (SELECT \(row) FROM rekindle_old t) o",
            "FULL JOIN (SELECT \(row) FROM rekindle_new t) n ON n.place = o.place",
            "CROSS JOIN LATERAL (VALUES (\(side("o"))), (\(side("n")))) s(element)",
            "WHERE (o.image *<> n.image) IS NOT FALSE AND s.element IS NOT NULL",
        ]
    }

    /// What of a row counts, as one value. The cast keeps it from being compared column by column.
    private var image: String {
        guard let watched = table.watched else { return "ROW(t.*)::record" }
        let columns = (table.key.map(\.name) + watched).map { "t.\(SQLSpelling.identifier($0))" }
        return "ROW(\(columns.joined(separator: ", ")))::record"
    }

    /// A JSON object of the key, as an SQL expression. It is NULL when all columns are; when some are, these are null in
    /// the object, for another rule of the channel may need the others.
    private func element(_ value: (KeyColumn) -> String) -> String {
        let values = table.key.map(value)
        var parts: [String] = []
        for (place, column) in table.key.enumerated() {
            parts.append(SQLSpelling.literal((place == 0 ? "{" : ",") + SQLSpelling.json(column.name) + ":"))
            let json = column.json(of: values[place])
            parts.append(values.count == 1 ? json : "coalesce(\(json), 'null')")
        }
        let object = (parts + ["'}'"]).joined(separator: " || ")
        return values.count == 1
            ? object : "CASE WHEN num_nonnulls(\(values.joined(separator: ", "))) > 0 THEN \(object) END"
    }
}
