import Postgres
import Reactor
import RefreshCore

/// Reads what triggers are made of, and what there is of them, from the database's catalogue.
@Loop
struct TriggerReader {
    let connection: PostgresConnection
    private static let timeout = Duration.seconds(30)

    init(_ connection: PostgresConnection) { self.connection = connection }

    /// Reads what the server says of itself.
    func site(_ service: String) async throws(PostgresError) -> TriggerSite {
        let rows = try await rows(TriggerQuestions.site)
        let first = rows.first ?? []
        return TriggerSite(
            service: service, blockSize: Int(text(first, 0)) ?? 8_192, timeZone: text(first, 1))
    }

    /// Reads a configured table; what the database says against it comes back as faults.
    func table(
        _ tracked: Configuration.TrackedTable
    ) async throws(PostgresError) -> (table: TriggerTable?, faults: [Fault]) {
        let name = tracked.name
        guard let found = try await rows(TriggerQuestions.table(name)).first, let id = Int(text(found, 0)) else {
            let known = try await rows(TriggerQuestions.tableNames).map { row in
                "\(TableName(schema: name.schema == nil ? nil : text(row, 0), name: text(row, 1)))"
            }
            let nearest = nearestName(to: "\(name)", among: known).map { "; did you mean \($0.quoted)?" } ?? ""
            return (nil, [tracked.fault("there is no table \("\(name)".quoted) in the database\(nearest)")])
        }
        if let fault = Self.fault(ofKind: text(found, 3)) {
            return (nil, [tracked.fault("\("\(name)".quoted) is \(fault)")])
        }
        let members = try await rows(TriggerQuestions.members(of: id))
        var faults = members.filter { text($0, 2) == "f" }.map { row in
            tracked.fault(
                "\("\(name)".quoted) has the foreign table \(text(row, 1).quoted) below it, which shows its rows to no "
                    + "trigger: writers would fail")
        }
        let columns = try await rows(TriggerQuestions.columns(of: id))
        let known = columns.map { text($0, 0) }
        for (wanted, isKey) in [(tracked.key, true), (tracked.columns ?? [], false)] {
            for column in wanted where !known.contains(where: { $0.utf8.elementsEqual(column.utf8) }) {
                let clause = suggestion(for: column, among: known)
                faults.append(
                    tracked.fault(ofKey: isKey, "\("\(name)".quoted) has no column \(column.quoted)\(clause)"))
            }
        }
        guard faults.isEmpty else { return (nil, faults) }
        let key = tracked.key.map { column in
            let type = columns.first { text($0, 0).utf8.elementsEqual(column.utf8) }.map { text($0, 1) }
            return KeyColumn(name: column, type: type ?? "")
        }
        let table = TriggerTable(
            name: TableName(schema: text(found, 1), name: text(found, 2)),
            members: members.map { TableName(schema: text($0, 0), name: text($0, 1)) }, key: key,
            watched: tracked.columns, channel: tracked.channel.text)
        return (table, [])
    }

    /// The functions that bear the instance's mark, and those of these names.
    func functions(marked mark: String, named names: [TableName]) async throws(PostgresError) -> [TriggerFunction] {
        try await rows(TriggerQuestions.functions(marked: mark, named: names)).map { row in
            TriggerFunction(
                name: TableName(schema: text(row, 0), name: text(row, 1)), body: text(row, 2),
                settings: text(row, 3).split(separator: "\n").map(String.init), comment: text(row, 4))
        }
    }

    /// The triggers that call one of these functions.
    func triggers(calling functions: [TableName]) async throws(PostgresError) -> [Trigger] {
        try await rows(TriggerQuestions.triggers(calling: functions)).map { row in
            Trigger(
                table: TableName(schema: text(row, 0), name: text(row, 1)), name: text(row, 2),
                event: TriggerQuestions.event(type: Int(text(row, 3)) ?? 0, oldRows: row[4], newRows: row[5]),
                function: TableName(schema: text(row, 6), name: text(row, 7)))
        }
    }

    /// What makes a relation unfit, by `pg_class.relkind`; nil for a table.
    private static func fault(ofKind kind: String) -> String? {
        switch kind {
        case "r", "p": nil
        case "v": "a view: name the tables that it reads"
        case "m": "a materialized view, which no statement writes: name the tables that it reads"
        case "f": "a foreign table, which shows its rows to no trigger"
        default: "no table"
        }
    }

    /// The answer as texts, nil for NULL.
    private func rows(_ sql: String) async throws(PostgresError) -> [[String?]] {
        let answer = try await connection.execute(sql, timeout: Self.timeout)
        var rows: [[String?]] = []
        for row in 0..<answer.rowCount {
            rows.append((0..<answer.columnCount).map { answer.string(row, $0) })
        }
        return rows
    }

    private func text(_ row: [String?], _ column: Int) -> String { column < row.count ? row[column] ?? "" : "" }
}
