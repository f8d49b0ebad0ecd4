/// Reads `params` of a query or resolver: the names of `$1`, `$2` and so on.
enum ParameterNames {
    /// The names, each once; none when the key is not there, nil when the list is faulty, which is reported.
    static func read<Key: ConfigurationKey>(_ key: Key, in table: TableReader<Key>) -> [String]? {
        guard table.has(key) else { return [] }
        let strings = table.strings(key)
        var names: [String] = []
        for (name, place) in strings.elements {
            if name.isEmpty || name.contains(where: { "{}".contains($0) }) {
                table.faults.fault(place, "the parameter \(name.quoted) must have a name without braces")
            } else if names.contains(name) {
                table.faults.fault(place, "the parameter \(name.quoted) stands in params twice")
            } else {
                names.append(name)
            }
        }
        return strings.areAll && names.count == strings.elements.count ? names : nil
    }
}
