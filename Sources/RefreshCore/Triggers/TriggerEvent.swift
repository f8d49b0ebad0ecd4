/// What a statement does to a table; each is a trigger of its own, for only that way a trigger sees the rows.
public enum TriggerEvent: String, Sendable, CaseIterable {
    case insert, update, delete, truncate

    /// The kind of trigger, in `pg_trigger.tgtype`: after the statement, by this event.
    public var type: Int {
        switch self {
        case .insert: 4
        case .delete: 8
        case .update: 16
        case .truncate: 32
        }
    }

    /// What the rows before the statement are called, where the trigger sees them.
    public var oldRows: String? { self == .update || self == .delete ? "rekindle_old" : nil }
    /// What the rows after it are called.
    public var newRows: String? { self == .update || self == .insert ? "rekindle_new" : nil }

    var sql: String { rawValue.uppercased() }
}

/// A trigger, as it is to be or as it was found.
public struct Trigger: Sendable, Equatable {
    /// Its table.
    public let table: TableName
    /// Its name, unique on the table.
    public let name: String
    /// What calls it; nil for a trigger that was found to be called otherwise than one of ours, or not at all.
    public let event: TriggerEvent?
    /// The function that it calls.
    public let function: TableName

    /// Takes all as it is.
    public init(table: TableName, name: String, event: TriggerEvent?, function: TableName) {
        self.table = table
        self.name = name
        self.event = event
        self.function = function
    }

    /// The statement that makes it, in place of one of its name.
    var create: String {
        guard let event else { return "" }
        let rows = [event.oldRows.map { "OLD TABLE AS \($0)" }, event.newRows.map { "NEW TABLE AS \($0)" }]
            .compactMap(\.self)
        let referencing = rows.isEmpty ? "" : "REFERENCING \(rows.joined(separator: " ")) "
        return """
            CREATE OR REPLACE TRIGGER \(SQLSpelling.identifier(name)) AFTER \(event.sql) ON \(table.sql)
                \(referencing)FOR EACH STATEMENT EXECUTE FUNCTION \(function.sql)();
            """
    }

    /// The statement that removes it.
    var drop: String { "DROP TRIGGER \(SQLSpelling.identifier(name)) ON \(table.sql);" }
}
