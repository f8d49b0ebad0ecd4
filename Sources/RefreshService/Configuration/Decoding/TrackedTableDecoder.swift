import RefreshCore

/// Makes the tracked table of a `[tables.NAME]`.
struct TrackedTableDecoder {
    /// The configured channels.
    let channels: [Declared<Channel>]

    func table(_ name: String, _ table: TableReader<TableKey>) -> Configuration.TrackedTable? {
        let hasBoth = [table.require(.key), table.require(.channel)].allSatisfy(\.self)
        let tableName = TableName(name)
        if tableName == nil {
            table.faults.fault(
                table.place,
                "\(table.title) must be named as a table or as schema.table, of 63 bytes each at most; a name with a dot in "
                    + "it stands in double quotes: [tables.'\"a.b\"']")
        }
        let key = columns(.key, in: table, isNeeded: hasBoth)
        let watched = columns(.columns, in: table, isNeeded: table.has(.columns))
        let channel = table.string(.channel)
        if let channel { check(channel, key ?? [], table) }
        guard let tableName, let key, let watched, hasBoth, let channel else { return nil }
        return Configuration.TrackedTable(
            name: tableName, key: key, columns: table.has(.columns) ? watched : nil, channel: ChannelName(channel),
            place: table.place, keyPlace: table.place(of: .key), columnsPlace: table.place(of: .columns))
    }

    /// The columns that a key names; nil when one can be none, which is reported.
    private func columns(_ key: TableKey, in table: TableReader<TableKey>, isNeeded: Bool) -> [String]? {
        let (columns, areAll) = table.strings(key)
        if columns.isEmpty, areAll, isNeeded { table.fault(key, "must name at least one column") }
        var areColumns = areAll
        for (index, column) in columns.enumerated() {
            if column.text.isEmpty {
                table.faults.fault(column.place, "an element of \(key.rawValue) must not be empty")
                areColumns = false
            } else if column.text.utf8.count > 63 {
                table.faults.fault(
                    column.place,
                    "the column \(column.text.quoted) is longer than 63 bytes, the most that Postgres allows")
                areColumns = false
            } else if columns[..<index].contains(where: { $0.text == column.text }) {
                table.faults.fault(column.place, "the column \(column.text.quoted) stands in \(key.rawValue) twice")
            }
        }
        return areColumns ? columns.map(\.text) : nil
    }

    /// Checks that the rules of the channel find in the payloads what they look for.
    private func check(_ name: String, _ key: [String], _ table: TableReader<TableKey>) {
        guard let declared = channels.first(where: { $0.name == name }) else {
            return table.faults.unknown(
                "channel", name, at: table.place(of: .channel), known: channels.map(\.name))
        }
        guard let channel = declared.value, !key.isEmpty else { return }
        guard channel.payload == .json else {
            return table.fault(
                .channel,
                "\(name.quoted) has payload = \"\(channel.payload.rawValue)\", but triggers send JSON; "
                    + "set payload = \"json\" in [channels.\(name.asKey)]")
        }
        var told: [ParameterSource] = []
        for source in channel.refresh.flatMap(\.sources) + channel.invalidate.flatMap(\.sources) {
            guard case .json(let path) = source, let first = path.first, !told.contains(source) else { continue }
            told.append(source)
            let spelling = path.joined(separator: ".").quoted
            if source.indexesRoot {
                table.fault(
                    .channel,
                    "\(name.quoted) takes a parameter from \(spelling), an element of the payload's array, "
                        + "but of what triggers send each element is an event of its own; name a column of key")
            } else if !key.contains(where: { $0.utf8.elementsEqual(first.utf8) }) {
                table.fault(
                    .key,
                    "lacks \(first.quoted), from which \(name.quoted) takes a parameter, so that no event of "
                        + "this table would fit\(suggestion(for: first, among: key))")
            }
        }
    }
}
