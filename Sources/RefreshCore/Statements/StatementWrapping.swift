/// Wraps the SQL of one query so that Postgres computes the stored value, for one key or for many.
///
/// Everything it names begins with a word that the user's SQL does not contain: a name of ours within the user's
/// scope would be captured by a table alias of theirs.
struct StatementWrapping {
    private let prefix: String
    private let shape: ResultShape
    private let format: ValueFormat
    private let missing: MissingPolicy
    private let sizes: SizeGuard
    /// The names of the query's columns, quoted.
    private let columns: [String]
    /// The names of the query's columns where rewriting a parameter could change them, else empty: as long as
    /// Postgres names them itself, `SELECT *` follows the table.
    private let pinnedColumns: [String]

    init(_ query: Query, format: ValueFormat, limit: Int, select: SelectText, columns: [String]) {
        var prefix = "_rk"
        var count = 1
        while select.contains(prefix) {
            count += 1
            prefix = "_rk\(count)"
        }
        self.prefix = prefix
        shape = query.result
        missing = query.missing
        self.format = format
        sizes = SizeGuard(limit: limit, shape: query.result, format: format)
        self.columns = columns.map { Self.quoted($0) }
        pinnedColumns = select.mayNameColumnAfterParameter ? self.columns : []
    }

    func batched(_ select: SelectText, types: [ParameterType]) -> String {
        let arrays = types.enumerated().map { "$\($0 + 1)::\($1.name)[]" }.joined(separator: ", ")
        let names = (types.indices.map { column($0 + 1) } + [ordinal]).joined(separator: ", ")
        let sql = select.rewritten { "(\(prefix).\(column($0)))" }
        return value(
            of: "\(prefix).\(ordinal) AS ord", ["ord"], sql, pinned: true,
            from: "unnest(\(arrays)) WITH ORDINALITY AS \(prefix)(\(names))")
    }

    /// The parameters of a resolver's query, as text, with the number of the item that each row answers.
    func resolving(_ select: SelectText, types: [ParameterType], _ target: [ParameterType]) -> String {
        let arrays = types.enumerated().map { "$\($0 + 1)::\($1.name)[]" }.joined(separator: ", ")
        let names = (types.indices.map { column($0 + 1) } + [ordinal]).joined(separator: ", ")
        let sql = select.rewritten { "(\(prefix).\(column($0)))" }
        return found(sql, target, from: "unnest(\(arrays)) WITH ORDINALITY AS \(prefix)(\(names))")
    }

    /// The same for one item.
    func resolvingSingle(_ select: SelectText, _ target: [ParameterType]) -> String {
        found(select.unchanged, target, from: "(SELECT 1::int8) AS \(prefix)(\(ordinal))")
    }

    private func found(_ sql: String, _ target: [ParameterType], from source: String) -> String {
        let names = target.indices.map { "\(prefix)_k\($0 + 1)" }
        let values = zip(names, target).map { "\(row).\($0)::\($1.name)::text" }.joined(separator: ", ")
        let whole = names.map { "\(row).\($0) IS NOT NULL" }.joined(separator: " AND ")
        return "SELECT \(prefix).\(ordinal) AS ord, \(values) FROM \(source), LATERAL (\(sql)\n) AS "
            + "\(row)(\(names.joined(separator: ", "))) WHERE \(whole)"
    }

    func single(_ select: SelectText) -> String {
        value(
            of: "\(prefix).\(ordinal) AS ord", ["ord"], select.unchanged, pinned: false,
            from: "(SELECT 1::int8) AS \(prefix)(\(ordinal))")
    }

    func warm(_ warm: SelectText, _ select: SelectText, types: [ParameterType]) -> String {
        let sql = select.rewritten { "(\(prefix).\(column($0))::\(types[$0 - 1].name))" }
        return value(
            of: keys(types), keyNames(types), sql, pinned: true, from: source(warm, types), behind: whole(types))
    }

    /// Nil for lists, whose aggregate cannot be joined, and for a hash, whose check of each key forbids it.
    func warmJoined(_ warm: SelectText, _ select: SelectText, types: [ParameterType]) -> String? {
        guard !shape.isList, format != .hash else { return nil }
        let sql = select.rewritten { "(\(prefix).\(column($0))::\(types[$0 - 1].name))" }
        let statement =
            "SELECT \(keys(types)), \(joined).value FROM \(source(warm, types)) LEFT JOIN LATERAL "
            + "(SELECT \(element) AS value FROM \(rows(sql, pinned: true))) AS \(joined) ON true" + whole(types)
        return sizes.guarded(statement, keyNames(types), as: sized)
    }

    /// Every row, with the columns that make its key in front, as text.
    func all(_ all: SelectText, names: [String], types: [ParameterType]) -> String {
        let columns = names.map { "\(row).\(Self.quoted($0))" }
        let statement =
            "SELECT \(rowKeys(columns, types)), to_json(\(row).*) AS value FROM (\(all.unchanged)\n) AS \(row)"
            + wholeRows(columns)
        return sizes.guarded(statement, keyNames(types), as: sized)
    }

    func allKeys(_ all: SelectText, names: [String], types: [ParameterType]) -> String {
        let columns = names.map { "\(row).\(Self.quoted($0))" }
        return "SELECT \(rowKeys(columns, types)) FROM (\(all.unchanged)\n) AS \(row)" + wholeRows(columns)
    }

    private func rowKeys(_ columns: [String], _ types: [ParameterType]) -> String {
        zip(columns, types).enumerated().map { "\($1.0)::\($1.1.name)::text AS p\($0 + 1)" }.joined(separator: ", ")
    }

    private func wholeRows(_ columns: [String]) -> String {
        " WHERE " + columns.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    }

    func warmKeys(_ warm: SelectText, types: [ParameterType]) -> String {
        "SELECT \(keys(types)) FROM " + source(warm, types) + whole(types)
    }

    private var ordinal: String { "\(prefix)_ord" }
    private var row: String { "\(prefix)_q" }
    private var scalar: String { "\(prefix)_v" }
    private var joined: String { "\(prefix)_l" }
    private var found: String { "\(prefix)_found" }
    private var sized: String { "\(prefix)_s" }
    private func column(_ number: Int) -> String { "\(prefix)_p\(number)" }

    private func source(_ warm: SelectText, _ types: [ParameterType]) -> String {
        let names = types.indices.map { column($0 + 1) }.joined(separator: ", ")
        return "(\(warm.unchanged)\n) AS \(prefix)(\(names))"
    }

    /// The parameters as text; by way of their type, so that `7.00` of a numeric column is the key `7` of an int4.
    private func keys(_ types: [ParameterType]) -> String {
        types.enumerated().map { "\(prefix).\(column($0 + 1))::\($1.name)::text AS p\($0 + 1)" }
            .joined(separator: ", ")
    }

    private func keyNames(_ types: [ParameterType]) -> [String] { types.indices.map { "p\($0 + 1)" } }

    private func whole(_ types: [ParameterType]) -> String {
        " WHERE " + types.indices.map { "\(prefix).\(column($0 + 1)) IS NOT NULL" }.joined(separator: " AND ")
    }

    /// A statement that returns what names the keys and their values: the user's SQL stands within a scope that sees
    /// `source`.
    private func value(
        of keys: String, _ names: [String], _ sql: String, pinned: Bool, from source: String, behind: String = ""
    ) -> String {
        let rows = rows(sql, pinned: pinned)
        if format == .hash { return hash(of: keys, rows, from: source) + behind }
        return sizes.guarded(
            "SELECT \(keys), (SELECT \(shape.isList ? list : element) FROM \(rows)) AS value FROM \(source)\(behind)",
            names, as: sized)
    }

    /// The query runs again for a key without a row: it may have one that is too large, and then its size is told.
    private func hash(of keys: String, _ rows: String, from source: String) -> String {
        "SELECT \(keys), \(joined).*, CASE WHEN \(joined).\(found) IS NULL THEN "
            + "(SELECT \(SizeGuard.size(columns, of: row)) FROM \(rows)) END AS size FROM \(source) LEFT JOIN LATERAL "
            + "(SELECT \(onlyRow) AS \(found), \(row).* FROM \(rows)) AS \(joined) "
            + "ON \(sizes.admits(columns, of: joined))"
    }

    private func rows(_ sql: String, pinned: Bool) -> String {
        // The line break ends a comment at the end of the user's text.
        "(\(sql)\n) AS \(row)\(aliases(pinned: pinned))"
    }

    /// The value of one row.
    private var element: String {
        switch (shape, format) {
        case (.scalar, .text): "\(row).\(scalar)::text"
        case (.scalar, _), (.column, _): "coalesce(to_json(\(row).\(scalar))::text, 'null')"
        // `row.*` is the whole row even where a column has the row's name.
        case (.row, _), (.byKey, _): "to_json(\(row).*)"
        case (.rows, _): "to_json(\(row).*)::text"
        }
    }

    /// The value of all rows in their order, and NULL for none unless an empty list is to be stored.
    private var list: String {
        let elements = "string_agg(\(element), ',')"
        return "'[' || \(missing == .empty ? "coalesce(\(elements), '')" : elements) || ']'"
    }

    /// True in the first row of a key; at a second row it fails as a subquery in the place of a value would.
    private var onlyRow: String { "CASE row_number() OVER () WHEN 1 THEN true ELSE (VALUES (true), (true)) END" }

    private func aliases(pinned: Bool) -> String {
        if shape.hasOneColumn { return "(\(scalar))" }
        guard pinned, !pinnedColumns.isEmpty else { return "" }
        return "(\(pinnedColumns.joined(separator: ", ")))"
    }

    static func quoted(_ name: String) -> String {
        // By bytes: a quote before a combining mark is one Character with it, and still Postgres' end of the name.
        let parts = name.utf8.split(separator: UInt8(ascii: "\""), omittingEmptySubsequences: false)
        return "\"" + parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\"\"") + "\""
    }
}
