/// Reads one table by its known keys: reports at once every other key, and each value that is not what is asked for.
///
/// A method that returns nil has reported why, unless the key is just absent; so a decoder goes on with a default and
/// finds what else is wrong.
struct TableReader<Key: ConfigurationKey> {
    /// What faults call the table, such as `[regions.items]`.
    let title: String
    /// Where the table begins.
    let place: Place
    let faults: FaultList
    private let members: [Key: TOMLMember]

    init(_ members: [TOMLMember], title: String, place: Place, faults: FaultList) {
        self.title = title
        self.place = place
        self.faults = faults
        var known: [Key: TOMLMember] = [:]
        for member in members {
            if let key = Key(rawValue: member.name) {
                known[key] = member
            } else {
                let nearest = suggestion(for: member.name, among: Key.allCases.map(\.rawValue))
                faults.fault(member.place, "\(title) has no key \(member.name.quoted)\(nearest)")
            }
        }
        self.members = known
    }

    /// Nil, and a fault, when the value is no table.
    init?(_ value: TOMLValue, title: String, faults: FaultList) {
        guard case .table(let members) = value.content else {
            faults.fault(value.place, "\(title) must be a table, not \(value.noun)")
            return nil
        }
        self.init(members, title: title, place: value.place, faults: faults)
    }

    func has(_ key: Key) -> Bool { members[key] != nil }

    func value(_ key: Key) -> TOMLValue? { members[key]?.value }

    /// Where a key stands, or where the table begins when it is absent.
    func place(of key: Key) -> Place { members[key]?.place ?? place }

    /// A fault at a key; its name goes before the clause.
    func fault(_ key: Key, _ clause: String) { faults.fault(place(of: key), "\(key.rawValue) \(clause)") }

    func warn(_ key: Key, _ clause: String) { faults.warn(place(of: key), "\(key.rawValue) \(clause)") }

    /// A fault when a key is absent; false then.
    @discardableResult
    func require(_ key: Key) -> Bool {
        if !has(key) { faults.fault(place, "\(title) needs the key \(key.rawValue.quoted)") }
        return has(key)
    }

    func string(_ key: Key) -> String? {
        guard let value = value(key) else { return nil }
        return text(value, called: key.rawValue)
    }

    /// A string that says something.
    func name(_ key: Key) -> String? {
        guard let text = string(key) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            fault(key, "must not be empty")
            return nil
        }
        return text
    }

    func integer(_ key: Key, in range: ClosedRange<Int>) -> Int? {
        guard let value = value(key) else { return nil }
        guard case .integer(let integer) = value.content else {
            fault(key, "must be an integer, not \(value.noun)")
            return nil
        }
        guard let integer = Int(exactly: integer), range.contains(integer) else {
            fault(key, "must be between \(range.lowerBound) and \(range.upperBound)")
            return nil
        }
        return integer
    }

    func boolean(_ key: Key) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .boolean(let boolean) = value.content else {
            fault(key, "must be true or false, not \(value.noun)")
            return nil
        }
        return boolean
    }

    /// One of the spellings of an enumeration.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: Key, of type: Choice.Type) -> Choice? {
        guard let text = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        let choices = known.map(\.quoted).joined(separator: ", ")
        let nearest = nearestName(to: text, among: known).map { "; did you mean \($0.quoted)?" } ?? ""
        fault(key, "can not be \(text.quoted), only \(choices)\(nearest)")
        return nil
    }

    /// A string that something else understands or complains about.
    func parsed<Value>(_ key: Key, by parse: (String) throws(Complaint) -> Value) -> Value? {
        guard let text = string(key) else { return nil }
        do throws(Complaint) {
            return try parse(text)
        } catch {
            fault(key, error.text)
            return nil
        }
    }

    /// The strings of an array, and whether that is all it holds; what is none is reported. Absent, it is empty.
    func strings(_ key: Key) -> (elements: [(text: String, place: Place)], areAll: Bool) {
        guard let value = value(key) else { return ([], true) }
        guard case .array(let elements) = value.content else {
            fault(key, "must be an array of strings, not \(value.noun)")
            return ([], false)
        }
        let texts = elements.map { element in (text(element, called: "an element of \(key.rawValue)"), element.place) }
        let found = texts.compactMap { text, place in text.map { (text: $0, place: place) } }
        return (found, found.count == texts.count)
    }

    /// An array of tables, or a fault and none of them.
    func tables(_ key: Key) -> [TOMLValue] {
        guard let value = value(key) else { return [] }
        guard case .array(let elements) = value.content else {
            fault(key, "must be an array of tables such as \(key.rawValue) = [{ … }], not \(value.noun)")
            return []
        }
        return elements
    }

    private func text(_ value: TOMLValue, called name: String) -> String? {
        guard case .string(let text) = value.content else {
            faults.fault(value.place, "\(name) must be a string, not \(value.noun)")
            return nil
        }
        guard !text.utf8.contains(0) else {
            faults.fault(value.place, "\(name) must not hold a NUL character")
            return nil
        }
        return text
    }
}
