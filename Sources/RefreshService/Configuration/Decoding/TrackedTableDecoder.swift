import RefreshCore

/// Makes the tracked table of a `[tables.NAME]`.
struct TrackedTableDecoder {
    /// The names of the configured channels.
    let channels: [String]

    func table(_ name: String, _ table: TableReader<TableKey>) -> Configuration.TrackedTable? {
        let hasBoth = [table.require(.key), table.require(.channel)].allSatisfy(\.self)
        let channel = table.string(.channel)
        if let channel, !channels.contains(channel) {
            table.faults.unknown("channel", channel, at: table.place(of: .channel), known: channels)
        }
        let (columns, areAll) = table.strings(.key)
        if columns.isEmpty, areAll, hasBoth { table.fault(.key, "must name at least one column") }
        for (index, column) in columns.enumerated() {
            if column.text.isEmpty {
                table.faults.fault(column.place, "an element of key must not be empty")
            } else if columns[..<index].contains(where: { $0.text == column.text }) {
                table.faults.fault(column.place, "the column \(column.text.quoted) stands in key twice")
            }
        }
        guard areAll, hasBoth, let channel else { return nil }
        return Configuration.TrackedTable(name: name, key: columns.map(\.text), channel: ChannelName(channel))
    }
}
