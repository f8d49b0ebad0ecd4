import RefreshCore

/// Makes the channel of a `[channels.NAME]`.
struct ChannelDecoder {
    let regions: [String: Declared<Region>]
    let queries: [String: Declared<QueryDeclaration>]
    let resolvers: [String: Declared<QueryDeclaration>]

    func channel(_ name: String, _ table: TableReader<ChannelKey>) -> Channel {
        // Postgres' NAMEDATALEN: it truncates longer names in LISTEN and refuses them in pg_notify.
        if name.utf8.count > 63 {
            table.faults.fault(table.place, "\(table.title) is longer than 63 bytes, the most that Postgres allows")
        }
        let format = table.choice(.payload, of: PayloadFormat.self) ?? .json
        let decoder = RuleDecoder(format: format, regions: regions, queries: queries, resolvers: resolvers)
        // One without rules is there to be followed at /events.
        let channel = Channel(
            name: ChannelName(name), payload: format,
            refresh: rules(.refresh, in: table, decoder.refresh),
            invalidate: rules(.invalidate, in: table, decoder.invalidate),
            publish: rules(.publish, in: table, RouteDecoder.route), together: table.truth(.together) ?? false)
        if channel.together, channel.refresh.count < 2, table.faults.faults.isEmpty {
            table.warn(.together, "has no effect: \(table.title) refreshes fewer than two keys")
        }
        return channel
    }

    private func rules<Key: ConfigurationKey, Rule>(
        _ key: ChannelKey, in table: TableReader<ChannelKey>, _ decode: (TableReader<Key>) -> Rule?
    ) -> [Rule] {
        table.tables(key).compactMap { value in
            TableReader<Key>(value, title: "\(key.rawValue) of \(table.title)", faults: table.faults).flatMap(decode)
        }
    }
}
