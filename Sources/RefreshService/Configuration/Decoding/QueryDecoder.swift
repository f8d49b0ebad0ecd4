import RefreshCore

/// What is known of a `[queries.NAME]`: all of it, or what rules can be checked against.
struct QueryDeclaration {
    let region: String?
    /// Nil when the list itself is faulty.
    let parameters: [String]?
    let keyPlace: Place
    let query: Query?
}

/// Makes the query of a `[queries.NAME]`.
struct QueryDecoder {
    let regions: [String: Declared<Region>]

    func declaration(_ name: String, _ table: TableReader<QueryKey>) -> QueryDeclaration {
        let region = region(table)
        let result = table.choice(.result, of: ResultShape.self)
        if result == .byKey { return byKey(name, region, table) }
        let parameters = ParameterNames.read(.params, in: table)
        let key = key(name, parameters, table)
        let sql = SQLText.text(table, .sql, file: .sqlFile)
        let missing = table.choice(.missing, of: MissingPolicy.self)
        let warm = table.name(.warm)
        let when = table.choice(.when, of: Occasion.self) ?? .always
        let isShaped = !table.has(.result) || result != nil
        if isShaped { check(result ?? .row, missing, region.flatMap { regions[$0]?.value }, table) }

        var query: Query?
        if let region, let parameters, let key, let sql {
            let shape = result ?? .row
            query = Query(
                name: QueryName(name), region: RegionName(region), key: key, parameters: parameters, sql: sql,
                result: shape, missing: missing ?? (shape.isList ? .empty : .delete), warm: warm,
                when: when)
        }
        return QueryDeclaration(
            region: region, parameters: parameters, keyPlace: table.place(of: .key), query: query)
    }

    /// A query whose rows are keys: it is the region's only one, and is asked for as a whole.
    private func byKey(_ name: String, _ region: String?, _ table: TableReader<QueryKey>) -> QueryDeclaration {
        let sql = SQLText.text(table, .sql, file: .sqlFile)
        for key in [QueryKey.params, .warm, .missing, .when] where table.has(key) {
            table.fault(key, "can not stand beside result = \"by_key\", whose rows are all its keys")
        }
        if let region, let format = regions[region]?.value?.format, format != .json, format != .dogpile {
            table.fault(
                .result, "can not be \"by_key\", as region \(region.quoted) has format = \"\(format.rawValue)\"")
        }
        var template: KeyTemplate?
        if table.require(.key), let spelling = table.name(.key) {
            template = KeyTemplate(spelling, of: .key, in: table)
        }
        if template?.names.isEmpty == true { table.fault(.key, "must name a column in braces, such as \"{id}\"") }
        var query: Query?
        if let region, let template, let sql {
            query = Query(
                name: QueryName(name), region: RegionName(region), key: template, parameters: template.names,
                sql: RowQuery.sql(of: sql, columns: template.names), result: .row, missing: .delete, warm: nil,
                all: sql)
        }
        return QueryDeclaration(region: region, parameters: [], keyPlace: table.place(of: .key), query: query)
    }

    private func region(_ table: TableReader<QueryKey>) -> String? {
        guard table.require(.region), let name = table.string(.region) else { return nil }
        if regions[name] == nil {
            table.faults.unknown("region", name, at: table.place(of: .region), known: Array(regions.keys))
        }
        return name
    }

    private func key(_ name: String, _ parameters: [String]?, _ table: TableReader<QueryKey>) -> KeyTemplate? {
        let given = table.name(.key)
        guard let parameters, given != nil || !table.has(.key) else { return nil }
        let spelling = given ?? Self.defaultKey(name, parameters)
        guard let template = KeyTemplate(spelling, of: .key, in: table) else { return nil }
        let strange = template.names.filter { !parameters.contains($0) }
        let lacking = parameters.filter { !template.names.contains($0) }
        for name in strange {
            table.fault(.key, "names {\(name)}, which is not in params\(suggestion(for: name, among: parameters))")
        }
        for name in lacking {
            table.fault(.key, "lacks {\(name)}, so that different values of \(name.quoted) would share one key")
        }
        return strange.isEmpty && lacking.isEmpty ? template : nil
    }

    private static func defaultKey(_ name: String, _ parameters: [String]) -> String {
        if !parameters.isEmpty { return parameters.map { "{\($0)}" }.joined(separator: ":") }
        return name.map { "{}".contains($0) ? "\($0)\($0)" : String($0) }.joined()
    }

    private func check(
        _ result: ResultShape, _ missing: MissingPolicy?, _ region: Region?, _ table: TableReader<QueryKey>
    ) {
        if missing == .empty, !result.isList {
            table.fault(.missing, "can be \"empty\" only with result = \"rows\" or \"column\"")
        }
        guard let region else { return }
        if region.format == .text, result != .scalar {
            table.fault(.result, "must be \"scalar\", as region \(region.name.text.quoted) has format = \"text\"")
        }
        if region.format == .hash, result != .row {
            table.fault(.result, "must be \"row\", as region \(region.name.text.quoted) has format = \"hash\"")
        }
        if region.format == .hash, missing == .null {
            table.fault(.missing, "can not be \"null\", as region \(region.name.text.quoted) has format = \"hash\"")
        }
    }
}

extension KeyTemplate {
    /// Reads the template that a key spells; nil when it is wrong, which is reported.
    init?<Key: ConfigurationKey>(_ spelling: String, of key: Key, in table: TableReader<Key>) {
        do {
            try self.init(spelling)
        } catch {
            table.fault(key, "\(spelling.quoted) is no key template: \(error)")
            return nil
        }
    }

    /// The template without the spelling of its names: two that share it make the same keys.
    var shape: [[UInt8]?] {
        parts.map { part in if case .literal(let text) = part { text } else { nil } }
    }
}
