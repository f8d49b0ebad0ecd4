import RefreshCore
import RefreshService

/// What `rekindle check` prints.
struct CheckReport {
    let file: String
    var faults: [Fault] = []
    var warnings: [Fault] = []
    var queries: [QueryCheck] = []
    private var summary = ""

    init(file: String, faults: [Fault], warnings: [Fault]) {
        self.file = file
        self.faults = faults
        self.warnings = warnings
    }

    init(file: String, configuration: Configuration) {
        self.file = file
        warnings = configuration.warnings
        let registry = configuration.registry
        summary =
            "\(registry.regions.count) regions, \(registry.queries.count) queries, \(registry.channels.count) channels"
    }

    var isClean: Bool { faults.isEmpty && queries.allSatisfy { $0.fault == nil } }

    func print(asJSON: Bool) {
        if asJSON { return standardOutput(json()) }
        for fault in faults { standardError("\(fault)") }
        for warning in warnings { standardError("\(warning) (warning)") }
        for query in queries {
            if let fault = query.fault { standardError("query \"\(query.query)\": \(fault)") }
        }
        guard isClean else {
            let count = faults.count + queries.count { $0.fault != nil }
            return standardError("\(file): \(count) \(count == 1 ? "fault" : "faults")")
        }
        for query in queries { describe(query) }
        standardOutput("\(file): valid: \(summary)")
    }

    private func describe(_ query: QueryCheck) {
        let types = query.types.isEmpty ? "no parameters" : query.types.joined(separator: ", ")
        let cost = query.cost.map { ", cost \($0) a statement" } ?? ""
        standardOutput("query \"\(query.query)\": \(query.form ?? "unknown") (\(types))\(cost)")
        if let why = query.why { standardOutput("  not batched: \(why)") }
        for warning in query.warnings { standardOutput("  warning: \(warning)") }
    }

    private func json() -> String {
        let bytes = JSONText.text { json in
            json.object { json in
                json.member("file", file)
                json.member("valid", isClean)
                json.array("faults") { json in for fault in faults { describe(fault, &json) } }
                json.array("warnings") { json in for warning in warnings { describe(warning, &json) } }
                json.array("queries") { json in for query in queries { describe(query, &json) } }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func describe(_ query: QueryCheck, _ json: inout JSONText) {
        json.object { json in
            json.member("name", query.query)
            json.member("form", query.form)
            json.array("types") { json in for type in query.types { json.element(type) } }
            json.member("cost", query.cost)
            json.member("not_batched_because", query.why)
            json.array("warnings") { json in for warning in query.warnings { json.element(warning) } }
            json.member("fault", query.fault)
        }
    }

    private func describe(_ fault: Fault, _ json: inout JSONText) {
        json.object { json in
            json.member("file", fault.file)
            json.member("line", fault.line)
            json.member("column", fault.column)
            json.member("sentence", fault.sentence)
        }
    }
}
