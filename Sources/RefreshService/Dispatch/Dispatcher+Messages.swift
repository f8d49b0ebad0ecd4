import Logging
import RefreshCore

extension Dispatcher {
    /// Appends the messages that leave with the write of the item at a place.
    func announce(_ batch: Batch, _ place: Int, into found: inout [Message]) {
        let before = found.count
        keeper.queue.announce(batch, place) { messages.append(of: $0.event, after: .refresh, to: &found) }
        leaveOutResting(&found, from: before)
    }

    /// Everything is stored that an event refreshes: its messages leave if no write carried them, and followers hear.
    func messagesDue(_ event: borrowing Event, _ due: inout [Message]) {
        guard keeper.role == .owner else {
            if !event.announced { counters.publishDropped += 1 }
            return
        }
        if !event.announced { messages.append(of: event, after: .refresh, to: &due) }
        if event.isFollowed { followed?.stored(event) }
    }

    /// Takes out messages to targets that refuse them, of those from a place on.
    func leaveOutResting(_ found: inout [Message], from first: Int = 0) {
        if found.count == first || breakers.troubles.isEmpty { return }
        let now = Moment.now
        let admitted = found[first...].filter { breakers.admits($0.destination.target, at: now) }
        found.replaceSubrange(first..., with: admitted)
    }

    /// Redis has answered a write that carried messages: all were sent but some.
    func answered(_ messages: [Message], refused: [(place: Int, reason: String)]) {
        counters.published += UInt64(messages.count - refused.count)
        guard !refused.isEmpty || !breakers.troubles.isEmpty else { return }
        var refused = refused[...]
        for (place, message) in messages.enumerated() {
            if refused.first?.place == place, let reason = refused.popFirst()?.reason {
                self.refused(message, because: reason)
            } else {
                breakers.took(message.destination.target)
            }
        }
    }

    /// Redis has refused a message.
    func refused(_ message: Message, because reason: String) {
        counters.publishFailures += 1
        let target = message.destination.target
        if breakers.refused(target, because: reason, at: .now) {
            logger.tell(.routeRests, ["target": "\(target.name)", "error": "\(reason)"])
        }
    }
}

extension Route.Target {
    /// The name of the channel or stream.
    var name: String {
        switch self {
        case .channel(let name): name
        case .stream(let name, _): name
        }
    }
}
