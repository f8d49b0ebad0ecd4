import RefreshCore
import RefreshService

/// What `rekindle triggers` prints.
struct TriggerReport {
    let action: TriggerWork.Action
    let outcome: TriggerOutcome

    func print(asJSON: Bool) {
        if asJSON { return standardOutput(json()) }
        for fault in outcome.faults { standardError("\(fault)") }
        guard outcome.faults.isEmpty else { return }
        switch action {
        case .print: standardOutput(outcome.script)
        case .diff:
            for difference in outcome.differences { standardOutput(line(difference)) }
            if outcome.differences.isEmpty { standardOutput(asItShouldBe) }
        case .apply:
            for difference in outcome.differences { standardOutput("mended: \(line(difference))") }
            standardOutput(asItShouldBe)
        case .drop:
            for difference in outcome.differences {
                standardOutput("dropped: function \(difference.name) and its triggers")
            }
            if outcome.differences.isEmpty { standardOutput("nothing was made for this instance") }
        }
    }

    private var asItShouldBe: String {
        let (triggers, tables) = (outcome.count, outcome.tables.count)
        return "\(triggers) triggers for \(tables) \(tables == 1 ? "table" : "tables") are as the configuration says"
    }

    private func line(_ difference: TriggerDifference) -> String {
        let table = difference.table.map { " on \($0)" } ?? ""
        let why = difference.why.map { ": \($0)" } ?? ""
        return "\(difference.kind.rawValue) \(difference.object) \(difference.name)\(table)\(why)"
    }

    private func json() -> String {
        let bytes = JSONText.text { json in
            json.object { json in
                json.member("same", outcome.differences.isEmpty)
                json.array("faults") { json in for fault in outcome.faults { describe(fault, &json) } }
                json.array("tables") { json in for table in outcome.tables { describe(table, &json) } }
                json.array("differences") { json in
                    for difference in outcome.differences { describe(difference, &json) }
                }
                json.member("sql", action == .print ? outcome.script : nil)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func describe(_ fault: Fault, _ json: inout JSONText) {
        json.object { json in
            json.member("file", fault.file)
            json.member("line", fault.line)
            json.member("column", fault.column)
            json.member("sentence", fault.sentence)
        }
    }

    private func describe(_ table: TriggerTable, _ json: inout JSONText) {
        json.object { json in
            json.member("schema", table.name.schema)
            json.member("name", table.name.name)
            json.member("channel", table.channel)
            json.array("key") { json in for column in table.key { json.element(column.name) } }
            json.array("tables") { json in for member in table.members { json.element("\(member)") } }
        }
    }

    private func describe(_ difference: TriggerDifference, _ json: inout JSONText) {
        json.object { json in
            json.member("kind", difference.kind.rawValue)
            json.member("object", difference.object)
            json.member("name", difference.name)
            json.member("table", difference.table.map { "\($0)" })
            json.member("why", difference.why)
        }
    }
}
