import RefreshCore

/// Makes the `publish` routes of a channel.
enum RouteDecoder {
    static func route(_ table: TableReader<PublishKey>) -> Route? {
        let after = table.choice(.after, of: Route.Moment.self) ?? .refresh
        let body = table.choice(.body, of: Route.Body.self) ?? .payload
        return target(table).map { Route(target: $0, after: after, body: body) }
    }

    private static func target(_ table: TableReader<PublishKey>) -> Route.Target? {
        let channel = table.name(.channel)
        let stream = table.name(.stream)
        let maxlen = table.integer(.maxlen, in: 1...1_000_000_000)
        switch (table.has(.channel), table.has(.stream)) {
        case (true, true):
            table.fault(.stream, "can not stand beside channel; write two tables to publish to both")
            return nil
        case (false, false):
            table.faults.fault(table.place, "\(table.title) needs the key \"channel\", or \"stream\"")
            return nil
        case (true, false):
            if table.has(.maxlen) { table.fault(.maxlen, "goes with stream only; a channel keeps nothing") }
            return channel.map { .channel($0) }
        case (false, true):
            if !table.has(.maxlen) {
                table.warn(.stream, "has no maxlen beside it, so nothing trims the stream and it fills Redis")
            }
            return stream.map { .stream($0, maxlen: maxlen) }
        }
    }
}
