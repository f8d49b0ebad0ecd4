import RefreshCore

/// One message on its way to Redis subscribers.
struct Message {
    let target: Route.Target
    /// The field of a stream's entry: `payload` for a payload as it came, `event` for an envelope.
    let field: StaticString
    let body: [UInt8]

    /// About how much memory it takes.
    var bytes: Int { 96 + body.count }
}

/// Makes the messages of events.
struct MessageWriter {
    let catalogue: Catalogue
    /// Names the run of sequence numbers.
    var epoch: String
    /// The difference between the wall clock and the monotonic one, in microseconds.
    let clockOffset: Int64

    init(catalogue: Catalogue, epoch: String, now: Moment) {
        self.catalogue = catalogue
        self.epoch = epoch
        clockOffset = WallClock.microseconds - now.nanoseconds / 1000
    }

    /// Whether the channel has a route that leaves at `moment`.
    func hasRoutes(_ channel: ChannelID, after moment: Route.Moment) -> Bool {
        catalogue.channels[channel.index]?.publish.contains { $0.after == moment } ?? false
    }

    /// The messages of an event that leave at `moment`.
    func messages(of event: Event, after moment: Route.Moment) -> [Message] {
        guard case .messages(let id) = event.purpose, id.index < catalogue.channels.count,
            let channel = catalogue.channels[id.index]
        else { return [] }
        return channel.publish.compactMap { route in
            guard route.after == moment else { return nil }
            switch route.body {
            case .payload: return Message(target: route.target, field: "payload", body: event.payload.storage)
            case .envelope:
                return Message(target: route.target, field: "event", body: envelope(of: event, channel.name.text))
            }
        }
    }

    private func envelope(of event: Event, _ channel: String) -> [UInt8] {
        var key = ""
        if let region = event.region, let known = catalogue.regions[region.index] {
            key = known.prefix + event.key.description
        }
        return Envelope.text(
            channel: channel, payload: event.payload, key: key, sequence: event.sequence, epoch: epoch,
            time: event.seen.nanoseconds / 1000 + clockOffset)
    }
}
