/// The statements that refresh one query, made of its SQL and the types the server told.
///
/// | statement  | parameters                              | columns of a result row |
/// | ---------- | --------------------------------------- | ----------------------- |
/// | `batched`  | one array literal a parameter           | ord, value              |
/// | `single`   | one text a parameter                    | 1, value                |
/// | `warm`     | none                                    | the parameters, value   |
/// | `warmKeys` | none                                    | the parameters          |
///
/// Those of a resolver return, in place of the value, the parameters of the query that it names, in any number of rows.
///
/// `ord` counts the elements of the arrays from 1; the rows may come in any order. *Value* is one column, or for
/// `ResultLayout.fields` a flag and the query's own columns. All cells are in Postgres' text form. More than one
/// row of a `row` or `scalar` query fails the statement (SQLSTATE 21000). A value that is larger than the region takes
/// stays on the server: `ValueCell` reads its size in its place, and of a hash the last column tells it.
///
/// The texts rely on `standard_conforming_strings = on`, which is the server's default.
public struct BatchedStatement: Sendable, Equatable {
    /// What the value's columns are.
    public let layout: ResultLayout
    /// The first byte of a cell that `ValueCell` is to read; other cells are values. Nil for a hash.
    public let mark: UInt8?
    /// Refreshes many keys at once; nil where there is nothing to batch by: no parameters, or one that is an array.
    ///
    /// Postgres may still refuse it (`LIMIT $1`); `single` then does, key by key.
    public let batched: String?
    /// Refreshes one key.
    public let single: String
    /// Computes every key's value in one statement; parameters come out as `ParameterType.canonical(_:)` spells them
    /// where a type has such a spelling. Keys with a NULL in them are left out.
    public let warm: String?
    /// What `warm` does, by a join: nearly twice as fast, and free to return a second row of a key instead of failing.
    ///
    /// Use it only where the plan proves that there is none: in `EXPLAIN (VERBOSE)` every join says
    /// `Inner Unique: true`. Nil where there is no such form.
    public let warmJoined: String?
    /// Lists every key, as `warm` does, without a value.
    public let warmKeys: String?

    /// Makes the statements of a query whose region stores `format`.
    ///
    /// - Parameters:
    ///   - limit: the most bytes that a value may have.
    ///   - types: the types of `$1…`, as the server describes them for `query.sql`.
    ///   - columns: the names of the columns of `query.sql`, by the same description.
    ///   - target: of a resolver, the types of the parameters of the query that it names.
    public init(
        _ query: Query, format: ValueFormat, limit: Int = Region.usualLargestValue, types: [ParameterType],
        columns: [String], target: [ParameterType]? = nil
    ) throws(StatementError) {
        let select = try SelectText(query.sql, parameterCount: query.parameters.count)
        let warmSelect = try Self.readWarm(of: query)
        let all = try Self.readAll(of: query)
        guard types.count == query.parameters.count else {
            throw StatementError(.typeCount(types: types.count, parameters: query.parameters.count))
        }
        if let target {
            self = try Self.resolving(query, select, types, columns: columns.count, target)
            return
        }
        layout = try ResultLayout(of: query.result, in: format)
        try Self.check(columns, of: query.result)

        let wrapping = StatementWrapping(query, format: format, limit: limit, select: select, columns: columns)
        mark = SizeGuard(limit: limit, shape: query.result, format: format).mark
        let fitsArrays = !types.isEmpty && types.allSatisfy(\.fitsArray)
        batched = fitsArrays ? wrapping.batched(select, types: types) : nil
        single = wrapping.single(select)
        warm =
            all.map { wrapping.all($0, names: query.parameters, types: types) }
            ?? warmSelect.map { wrapping.warm($0, select, types: types) }
        warmJoined = warmSelect.flatMap { wrapping.warmJoined($0, select, types: types) }
        warmKeys =
            all.map { wrapping.allKeys($0, names: query.parameters, types: types) }
            ?? warmSelect.map { wrapping.warmKeys($0, types: types) }
    }

    private static func resolving(
        _ query: Query, _ select: SelectText, _ types: [ParameterType], columns: Int, _ target: [ParameterType]
    ) throws(StatementError) -> BatchedStatement {
        guard columns == target.count else {
            throw StatementError(.resolverColumns(count: columns, parameters: target.count))
        }
        let wrapping = StatementWrapping(
            query, format: .json, limit: Region.usualLargestValue, select: select, columns: [])
        let fitsArrays = !types.isEmpty && types.allSatisfy(\.fitsArray)
        return BatchedStatement(
            layout: .value, batched: fitsArrays ? wrapping.resolving(select, types: types, target) : nil,
            single: wrapping.resolvingSingle(select, target), warm: nil, warmJoined: nil, warmKeys: nil)
    }

    /// The statements of a resolver, which have no value to be measured.
    private init(
        layout: ResultLayout, batched: String?, single: String, warm: String?, warmJoined: String?, warmKeys: String?
    ) {
        self.layout = layout
        mark = nil
        self.batched = batched
        self.single = single
        self.warm = warm
        self.warmJoined = warmJoined
        self.warmKeys = warmKeys
    }

    private static func readAll(of query: Query) throws(StatementError) -> SelectText? {
        guard let all = query.all else { return nil }
        return try SelectText(all, parameterCount: 0)
    }

    private static func readWarm(of query: Query) throws(StatementError) -> SelectText? {
        guard let warm = query.warm else { return nil }
        do throws(StatementError) {
            if query.parameters.isEmpty { throw StatementError(.needlessWarm) }
            return try SelectText(warm, parameterCount: 0)
        } catch {
            var error = error
            error.source = .warm
            throw error
        }
    }

    private static func check(_ columns: [String], of shape: ResultShape) throws(StatementError) {
        if shape.hasOneColumn {
            if columns.count != 1 { throw StatementError(.scalarColumns(count: columns.count)) }
            return
        }
        var seen = Set<[UInt8]>()
        for column in columns where !seen.insert(Array(column.utf8)).inserted {
            throw StatementError(.repeatedColumn(column))
        }
    }
}

/// How the columns after the key tell the value of a refresh.
public enum ResultLayout: Sendable, Equatable {
    /// One cell, the value's bytes; NULL means there is no row, and `MissingPolicy` says what is stored.
    ///
    /// A scalar that is NULL in a row that exists reads `null` as JSON, and NULL as text.
    case value
    /// A cell that is `t`, or NULL where there is no row; then one cell a field, NULL where the field is; then one that
    /// is NULL, or the size of a row that is too large and is not there.
    ///
    /// The fields' names are the names of these columns in the result.
    case fields

    /// The layout of a result in a region; throws where the format cannot hold it.
    public init(of shape: ResultShape, in format: ValueFormat) throws(StatementError) {
        switch (format, shape) {
        case (.json, _), (.dogpile, _), (.text, .scalar): self = .value
        case (.hash, .row): self = .fields
        case (.text, _), (.hash, _): throw StatementError(.unfitFormat(format, shape))
        }
    }
}
