import RefreshCore

/// Makes the messages of events, by the routes of their channels.
final class MessageWriter {
    private struct Routes {
        let channel: String
        let received: [Route]
        let refreshed: [Route]
    }

    private let routes: [Routes?]
    /// The prefix of each region, for the keys in envelopes.
    private let prefixes: [String?]
    /// Names the run of sequence numbers.
    var epoch: String
    /// The difference between the wall clock and the monotonic one, in microseconds.
    private let clockOffset: Int64

    init(_ catalogue: Catalogue, epoch: String, now: Moment) {
        routes = catalogue.channels.map { channel in
            channel.map { channel in
                Routes(
                    channel: channel.name.text, received: channel.publish.filter { $0.after == .receive },
                    refreshed: channel.publish.filter { $0.after == .refresh })
            }
        }
        prefixes = catalogue.regions.map { $0?.prefix }
        self.epoch = epoch
        clockOffset = WallClock.microseconds - now.nanoseconds / 1000
    }

    /// Whether the channel has a route that leaves at `moment`.
    func hasRoutes(_ channel: ChannelID, after moment: Route.Moment) -> Bool {
        guard let routes = routes[channel.index] else { return false }
        return moment == .receive ? !routes.received.isEmpty : !routes.refreshed.isEmpty
    }

    /// Appends the messages of an event that leave at `moment`.
    func append(of event: Event, after moment: Route.Moment, to messages: inout [Message]) {
        guard case .messages(let id) = event.purpose, id.index < routes.count, let own = routes[id.index] else {
            return
        }
        for route in moment == .receive ? own.received : own.refreshed {
            switch route.body {
            case .payload:
                messages.append(Message(target: route.target, field: "payload", body: event.payload.storage))
            case .envelope:
                messages.append(Message(target: route.target, field: "event", body: envelope(of: event, own.channel)))
            }
        }
    }

    private func envelope(of event: Event, _ channel: String) -> [UInt8] {
        var key = ""
        if let region = event.region, let prefix = prefixes[region.index] { key = prefix + event.key.description }
        return Envelope.text(
            channel: channel, payload: event.payload, key: key, sequence: event.sequence, epoch: epoch,
            time: event.seen.nanoseconds / 1000 + clockOffset)
    }
}
