/// How the database differs from what the configuration asks for, in one object.
public struct TriggerDifference: Sendable, Equatable {
    /// What is wrong with it.
    public enum Kind: String, Sendable {
        /// It is not there.
        case missing
        /// It is there and is another.
        case changed
        /// It is there and should not be.
        case extra
    }

    /// What is wrong with it.
    public let kind: Kind
    /// `function` or `trigger`.
    public let object: String
    /// The function's name with its schema, or the trigger's.
    public let name: String
    /// The table of a trigger.
    public let table: TableName?
    /// In what a changed one is another.
    public let why: String?
    /// The statements that mend it.
    let mending: String

    init(
        _ kind: Kind, _ object: String, _ name: String, on table: TableName? = nil, why: String? = nil,
        mending: String
    ) {
        self.kind = kind
        self.object = object
        self.name = name
        self.table = table
        self.why = why
        self.mending = mending
    }
}

/// What there is to be, beside what there is.
public struct TriggerComparison: Sendable {
    /// The functions that are to be.
    public let functions: [TriggerFunction]
    /// The triggers that are to be.
    public let triggers: [Trigger]
    /// What differs: first what is to be made, then what is to go.
    public let differences: [TriggerDifference]

    /// What the tables ask for, compared with the functions that bear the instance's mark or a name of these, and
    /// with all triggers that call one of them.
    public init(
        _ tables: [TriggerTable], at site: TriggerSite, foundFunctions: [TriggerFunction], foundTriggers: [Trigger]
    ) {
        let functions = tables.map { TriggerFunction($0, at: site) }
        let triggers = zip(tables, functions).flatMap { table, function in
            table.members.flatMap { member in
                TriggerEvent.allCases.map { event in
                    Trigger(
                        table: member, name: TriggerNames.trigger(event, of: function.name), event: event,
                        function: function.name)
                }
            }
        }
        var differences: [TriggerDifference] = []
        for function in functions {
            let found = foundFunctions.first { $0.name == function.name }
            if found == function { continue }
            differences.append(
                TriggerDifference(
                    found == nil ? .missing : .changed, "function", "\(function.name)",
                    why: found.map { Self.why($0, function) }, mending: function.create))
        }
        for trigger in triggers {
            let found = foundTriggers.first { $0.table == trigger.table && $0.isNamed(as: trigger) }
            if found == trigger { continue }
            differences.append(
                TriggerDifference(
                    found == nil ? .missing : .changed, "trigger", trigger.name, on: trigger.table,
                    why: found.map { $0.event == nil ? "it is disabled or called otherwise" : "it is another" },
                    mending: trigger.create))
        }
        let kept = foundFunctions.filter { found in functions.contains { $0.name == found.name } }
        for trigger in foundTriggers where kept.contains(where: { $0.name == trigger.function }) {
            let isWanted = triggers.contains { $0.table == trigger.table && $0.isNamed(as: trigger) }
            if isWanted { continue }
            differences.append(
                TriggerDifference(.extra, "trigger", trigger.name, on: trigger.table, mending: trigger.drop))
        }
        for function in foundFunctions where !functions.contains(where: { $0.name == function.name }) {
            differences.append(
                TriggerDifference(.extra, "function", "\(function.name)", mending: function.drop))
        }
        self.functions = functions
        self.triggers = triggers
        self.differences = differences
    }

    private static func why(_ found: TriggerFunction, _ wanted: TriggerFunction) -> String {
        if !found.body.utf8.elementsEqual(wanted.body.utf8) { return "it does something else" }
        if found.settings != wanted.settings { return "its settings are others" }
        return "its comment is another, by which it is found again"
    }

    /// The statements that make everything, whatever is there.
    public var script: String { (functions.map(\.create) + triggers.map(\.create)).joined(separator: "\n") }

    /// The statements that mend what differs.
    public var mending: String { differences.map(\.mending).joined(separator: "\n") }

    /// The statements that remove all that was made.
    public static func removal(of functions: [TriggerFunction]) -> String {
        functions.map(\.drop).joined(separator: "\n")
    }
}

extension Trigger {
    fileprivate func isNamed(as other: Trigger) -> Bool { name.utf8.elementsEqual(other.name.utf8) }
}
