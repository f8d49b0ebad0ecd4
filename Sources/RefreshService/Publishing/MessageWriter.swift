import RefreshCore

/// Makes the messages of events, by the routes of their channels.
final class MessageWriter {
    fileprivate struct Outlet {
        let destination: Destination
        let isEnvelope: Bool
    }

    /// Where the messages of one channel go.
    final class Routes {
        let channel: String
        fileprivate let received: [Outlet]
        fileprivate let refreshed: [Outlet]
        /// Whether messages leave at each of the two moments.
        let hasReceived: Bool
        let hasRefreshed: Bool
        /// Whether messages tell what an event is about.
        let tellSubject: Bool

        fileprivate init(_ channel: String, _ received: [Outlet], _ refreshed: [Outlet]) {
            self.channel = channel
            self.received = received
            self.refreshed = refreshed
            hasReceived = !received.isEmpty
            hasRefreshed = !refreshed.isEmpty
            tellSubject = (received + refreshed).contains(where: \.isEnvelope)
        }
    }

    private let routes: [Routes?]
    /// The prefix of each region, for the keys in envelopes.
    private let prefixes: [String?]
    /// Names the run of sequence numbers.
    var epoch: String
    /// The difference between the wall clock and the monotonic one, in microseconds.
    private let clockOffset: Int64

    init(_ catalogue: Catalogue, epoch: String, now: Moment) {
        var payloads: [Route.Target: Destination] = [:]
        var envelopes: [Route.Target: Destination] = [:]
        func outlet(_ route: Route) -> Outlet {
            let target = route.target
            switch route.body {
            case .payload:
                let destination = payloads[target] ?? Destination(target, field: "payload")
                payloads[target] = destination
                return Outlet(destination: destination, isEnvelope: false)
            case .envelope:
                let destination = envelopes[target] ?? Destination(target, field: "event")
                envelopes[target] = destination
                return Outlet(destination: destination, isEnvelope: true)
            }
        }
        routes = catalogue.channels.map { channel in
            channel.map { channel in
                Routes(
                    channel.name.text, channel.publish.filter { $0.after == .receive }.map(outlet),
                    channel.publish.filter { $0.after == .refresh }.map(outlet))
            }
        }
        prefixes = catalogue.regions.map { $0?.prefix }
        self.epoch = epoch
        clockOffset = WallClock.microseconds - now.nanoseconds / 1000
    }

    /// Where the channel's messages go.
    func routes(of channel: ChannelID) -> Routes? { routes[channel.index] }

    /// Appends the messages of an event that leave at `moment`.
    func append(of event: borrowing Event, after moment: Route.Moment, to messages: inout [Message]) {
        guard case .messages(let id) = event.purpose, id.index < routes.count, let own = routes[id.index] else {
            return
        }
        for outlet in moment == .receive ? own.received : own.refreshed {
            let body = outlet.isEnvelope ? envelope(of: event, own.channel) : event.payload
            messages.append(Message(destination: outlet.destination, body: body))
        }
    }

    private func envelope(of event: borrowing Event, _ channel: String) -> Bytes {
        var key = ""
        if let subject = event.subject, let prefix = prefixes[subject.region.index] {
            key = prefix + subject.key.description
        }
        return Bytes(
            Envelope.text(
                channel: channel, payload: event.payload, key: key, sequence: event.sequence, epoch: epoch,
                time: event.seen.nanoseconds / 1000 + clockOffset))
    }
}
