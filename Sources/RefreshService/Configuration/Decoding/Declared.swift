/// Something that the user names, `[regions.NAME]` and the like, whether or not it could be decoded.
///
/// What refers to a faulty one is still checked against its name, so one fault does not cause others.
struct Declared<Value> {
    let name: String
    let place: Place
    /// Nil when it has a fault, which is reported.
    let value: Value?
}

extension SourceTree {
    /// Decodes each member of a section by a closure, which gets a reader titled `[section.NAME]`.
    func declared<Key: ConfigurationKey, Value>(
        _ section: RootKey, faults: FaultList, _ decode: (String, TableReader<Key>) -> Value?
    ) -> [Declared<Value>] {
        members(section).map { member in
            let title = "[\(section.rawValue).\(member.name.asKey)]"
            let isName = !member.name.isEmpty && !member.name.utf8.contains(0)
            if !isName { faults.fault(member.place, "the name of \(title) must not be empty or hold a NUL") }
            let table = TableReader<Key>(member.value, title: title, faults: faults)
            let value = table.flatMap { decode(member.name, $0) }
            return Declared(name: member.name, place: member.place, value: isName ? value : nil)
        }
    }
}
