/// The tables of all files of a configuration, merged: what any of them says under `[service]`, `[regions]` and so on.
struct SourceTree {
    private var sections: [RootKey: [TOMLMember]] = [:]
    private var places: [RootKey: Place] = [:]
    private var seen: [RootKey: [String: Place]] = [:]
    /// The file that includes the others.
    let file: String

    init(file: String) { self.file = file }

    /// The members of a section, in the order of the files.
    func members(_ section: RootKey) -> [TOMLMember] { sections[section] ?? [] }

    /// Where a section first stands; the whole first file when it stands nowhere.
    func place(_ section: RootKey) -> Place { places[section] ?? .file(file) }

    /// A reader of a section of single keys.
    func reader<Key: ConfigurationKey>(_ section: RootKey, faults: FaultList) -> TableReader<Key> {
        TableReader(members(section), title: "[\(section.rawValue)]", place: place(section), faults: faults)
    }

    /// Adds the tables of one file; a name that is there already is a fault that names both places.
    mutating func merge(_ file: TableReader<RootKey>) {
        for section in RootKey.allCases where section != .include {
            guard let value = file.value(section) else { continue }
            guard case .table(let members) = value.content else {
                file.fault(section, "must be a table, not \(value.noun)")
                continue
            }
            if places[section] == nil { places[section] = value.place }
            for member in members { add(member, to: section, faults: file.faults) }
        }
    }

    private mutating func add(_ member: TOMLMember, to section: RootKey, faults: FaultList) {
        if let first = seen[section]?[member.name] {
            faults.fault(
                member.place, "\(title(member, in: section)) is set twice; it is already set at \(first.text)")
            return
        }
        seen[section, default: [:]][member.name] = member.place
        sections[section, default: []].append(member)
    }

    private func title(_ member: TOMLMember, in section: RootKey) -> String {
        switch section {
        case .regions, .queries, .resolvers, .channels, .tables: "[\(section.rawValue).\(member.name.asKey)]"
        default: "\(member.name) of [\(section.rawValue)]"
        }
    }
}

extension String {
    /// The name as TOML spells it in a header: bare when it may be, else quoted.
    var asKey: String {
        let isBare =
            !isEmpty
            && utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        return isBare ? self : quoted
    }
}
