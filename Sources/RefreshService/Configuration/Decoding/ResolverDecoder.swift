import RefreshCore

/// Makes the query of a `[resolvers.NAME]`: its rows are the parameters of the query that it names.
struct ResolverDecoder {
    let queries: [String: Declared<QueryDeclaration>]

    func declaration(_ name: String, _ table: TableReader<ResolverKey>) -> QueryDeclaration {
        if queries[name] != nil {
            table.faults.fault(table.place, "\(table.title) has the name of a query; give it one of its own")
        }
        let target = target(table)
        let parameters = ParameterNames.read(.params, in: table)
        let sql = SQLText.text(table, .sql, file: .sqlFile)
        var query: Query?
        if let parameters, let sql, let target, let key = Self.key(name, parameters) {
            query = Query(
                name: QueryName(name), region: target.region, key: key, parameters: parameters, sql: sql,
                result: .rows, missing: .empty, warm: nil, target: target.name)
        }
        return QueryDeclaration(
            region: target?.region.text, parameters: parameters, keyPlace: table.place, query: query)
    }

    private func target(_ table: TableReader<ResolverKey>) -> Query? {
        guard table.require(.query), let name = table.string(.query) else { return nil }
        guard let declared = queries[name] else {
            table.faults.unknown("query", name, at: table.place(of: .query), known: Array(queries.keys))
            return nil
        }
        if declared.value?.query?.all != nil {
            table.fault(.query, "names a query with result = \"by_key\"; refresh it by its name")
        } else if declared.value?.parameters?.isEmpty == true {
            table.fault(.query, "names a query without parameters; refresh it by its name")
        }
        return declared.value?.query
    }

    /// What tells its items apart while they wait: no key of a region, for none begins with a zero byte.
    private static func key(_ name: String, _ parameters: [String]) -> KeyTemplate? {
        let spelled = name.map { "{}".contains($0) ? "\($0)\($0)" : String($0) }.joined()
        return try? KeyTemplate("\u{0}\(spelled)" + parameters.map { ":{\($0)}" }.joined())
    }
}
