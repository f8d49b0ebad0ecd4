import RefreshCore

/// Reads `params = { id = "row.id" }` of a rule: where in the payload each parameter is found.
struct ParameterSources {
    let format: PayloadFormat
    /// The parameters that must be there, in the order of the answer.
    let names: [String]
    /// Whose parameters they are, such as `query "item"`.
    let owner: String

    /// The source of each name; nil when one is missing, too many or misspelled, which is reported.
    func sources<Key: ConfigurationKey>(_ key: Key, in table: TableReader<Key>) -> [ParameterSource]? {
        guard let value = table.value(key) else { return absent(in: table) }
        guard case .table(let members) = value.content else {
            table.fault(key, "must be a table such as { id = \"\(example)\" }, not \(value.noun)")
            return nil
        }
        for member in members where !names.contains(member.name) {
            let clause = names.isEmpty ? "; it has none" : suggestion(for: member.name, among: names)
            table.faults.fault(member.place, "\(owner) has no parameter \(member.name.quoted)\(clause)")
        }
        let sources = names.map { name -> ParameterSource? in
            if let member = members.first(where: { $0.name == name }) { return source(member, faults: table.faults) }
            table.fault(key, "lacks \(name.quoted), a parameter of \(owner)")
            return nil
        }
        let found = sources.compactMap(\.self)
        return found.count == names.count && members.count == names.count ? found : nil
    }

    private func absent<Key: ConfigurationKey>(in table: TableReader<Key>) -> [ParameterSource]? {
        if names.isEmpty { return [] }
        if format == .text, names.count == 1 { return [.payload] }
        let list = names.map { "\($0.asKey) = \"…\"" }.joined(separator: ", ")
        table.faults.fault(table.place, "\(table.title) needs params = { \(list) }, the parameters of \(owner)")
        return nil
    }

    private func source(_ member: TOMLMember, faults: FaultList) -> ParameterSource? {
        let spelling: String
        switch member.value.content {
        case .string(let text): spelling = text
        // An index may be written as the number it is.
        case .integer(let number): spelling = String(number)
        default:
            faults.fault(member.place, "\(member.name.asKey) must be a string, not \(member.value.noun)")
            return nil
        }
        guard let source = ParameterSource(spelling, in: format) else {
            faults.fault(
                member.place, "\(spelling.quoted) is no place in a \(format.rawValue) payload; \(advice)")
            return nil
        }
        if case .json(let path) = source, path.count > JSONPath.deepest {
            faults.fault(member.place, "\(member.name.asKey) must have at most \(JSONPath.deepest) names")
            return nil
        }
        return source
    }

    private var example: String {
        switch format {
        case .json: "id"
        case .csv: "0"
        case .text: "payload"
        }
    }

    private var advice: String {
        switch format {
        case .json: "write names and indexes joined by dots, such as \"row.ids.0\""
        case .csv: "write the index of a field, from \"0\" to \"999\""
        case .text: "write \"payload\""
        }
    }
}
