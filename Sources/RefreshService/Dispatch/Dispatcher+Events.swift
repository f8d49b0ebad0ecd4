import Glibc
import Logging
import Postgres
import Reactor
import RefreshCore

extension Dispatcher {
    /// Takes the notifications in that have arrived together; they have one time.
    func receiveAll(of connection: PostgresConnection) {
        let now = Moment.now
        canary.word(at: now)
        while let notification = connection.nextNotification() { receive(notification, at: now) }
        settle()
    }

    /// Takes a notification in: its messages leave, its keys wait. Never throws, for a payload can hold anything.
    private func receive(_ notification: borrowing PostgresNotification, at now: Moment) {
        if let channel = channel(of: notification) {
            receive(channel, Bytes(payloadOf: notification), at: now)
        } else if !takesNonce(notification) {
            counters.unknownNotifications += 1
        }
    }

    private func receive(_ channel: ChannelID, _ payload: Bytes, at now: Moment) {
        guard router.knows(channel) else { return }
        counters.notifications[channel.index] += 1
        sequences[channel.index] += 1
        if sabotage.breaks(.notifications), sequences[channel.index] % 50 == 0 { return }
        if followed == nil {
            take(channel, payload, at: now, isHeard: false)
        } else {
            takeHeard(channel, payload, at: now)
        }
    }

    /// Takes an event in while somebody follows: a copy of the code of its own, so that nobody pays for it whom nobody
    /// follows.
    @inline(never)
    private func takeHeard(_ channel: ChannelID, _ payload: Bytes, at now: Moment) {
        take(channel, payload, at: now, isHeard: true)
    }

    /// - Parameter isHeard: whether somebody follows some channel.
    @inline(__always)
    private func take(_ channel: ChannelID, _ payload: Bytes, at now: Moment, isHeard: Bool) {
        do throws(PayloadFault) {
            if let query = router.direct(channel) {
                let key = try router.key(channel, payload)
                let waits = announced(
                    channel, payload, Subject(catalogue.regionOfQuery[query.index], key), at: now, isHeard: isHeard)
                keeper.refresh(query, key: key, parameters: key, event: waits, at: now)
                if let waits { keeper.queue.seal(waits) }
            } else {
                try receiveRouted(channel, payload, at: now, isHeard: isHeard)
            }
        } catch {
            refuse(channel, error)
        }
    }

    private func receiveRouted(
        _ channel: ChannelID, _ payload: Bytes, at now: Moment, isHeard: Bool
    ) throws(PayloadFault) {
        decisions.removeAll(keepingCapacity: true)
        switch router.extent(of: payload, on: channel) {
        case .event: try receiveEvent(channel, payload, at: now, isHeard: isHeard)
        case .events: try receiveEach(channel, payload, at: now, isHeard: isHeard)
        case .wholeTable:
            counters.wholeTables[channel.index] += 1
            router.routeWholeTable(channel, into: &decisions)
            carryOut(channel, payload, at: now, isHeard: isHeard)
        }
    }

    /// Takes each element of an array for an event with a number of its own; one that does not fit holds up no other.
    private func receiveEach(
        _ channel: ChannelID, _ payload: Bytes, at now: Moment, isHeard: Bool
    ) throws(PayloadFault) {
        guard let elements = payloads.elements(of: payload) else {
            // Rules that read nothing take any payload.
            if router.sources(of: channel).isEmpty {
                return try receiveEvent(channel, payload, at: now, isHeard: isHeard)
            }
            throw .notJSON
        }
        // The number that the notification was given is the first element's.
        sequences[channel.index] -= 1
        for place in elements {
            sequences[channel.index] += 1
            decisions.removeAll(keepingCapacity: true)
            do throws(PayloadFault) {
                try receiveEvent(channel, payload.slice(place), isElement: true, at: now, isHeard: isHeard)
            } catch {
                refuse(channel, error)
            }
        }
    }

    private func receiveEvent(
        _ channel: ChannelID, _ payload: Bytes, isElement: Bool = false, at now: Moment, isHeard: Bool
    ) throws(PayloadFault) {
        let sources = router.sources(of: channel)
        if !sources.isEmpty { payloads.open(payload, of: channel) }
        try router.route(channel, into: &decisions, passingNull: isElement) { payloads.find(sources[$0], at: $0) }
        carryOut(channel, payload, at: now, isHeard: isHeard)
    }

    /// Does what was decided for an event.
    private func carryOut(_ channel: ChannelID, _ payload: Bytes, at now: Moment, isHeard: Bool) {
        let waits = announced(channel, payload, subject(of: decisions.first), at: now, isHeard: isHeard)
        if router.together(channel) {
            keeper.applyTogether(decisions, event: waits, at: now)
        } else {
            for index in decisions.indices { keeper.apply(decisions[index], event: waits, at: now) }
        }
        if let waits { keeper.queue.seal(waits) }
    }

    /// Sends what leaves at once, and notes what leaves once everything is stored that was decided.
    @inline(__always)
    private func announced(
        _ channel: ChannelID, _ payload: Bytes, _ subject: @autoclosure () -> Subject?, at now: Moment, isHeard: Bool
    ) -> EventID? {
        let isFollowed = isHeard && followed?.arrived(channel, payload) == true
        guard keeper.role == .owner, let routes = messages.routes(of: channel),
            routes.hasReceived || routes.hasRefreshed || isFollowed
        else { return nil }
        let subject = routes.tellSubject ? subject() : nil
        let sequence = sequences[channel.index]
        if routes.hasReceived {
            publishReceived(
                Event(purpose: .messages(channel), payload: payload, subject: subject, sequence: sequence, seen: now))
        }
        guard routes.hasRefreshed || isFollowed else { return nil }
        guard let id = keeper.queue.begin(channel, payload: payload, subject: subject, sequence: sequence, seen: now)
        else {
            tellOfDropped(routes.channel, at: now)
            if isFollowed { followed?.gaveUp(at: now) }
            return nil
        }
        if isFollowed { keeper.queue.follow(id) }
        return id
    }

    private func tellOfDropped(_ channel: String, at now: Moment) {
        guard let skipped = droppedLog.admit(at: now) else { return }
        logger.warning(
            "messages dropped: too many wait for their keys",
            metadata: ["channel": "\(channel)", "dropped_before": "\(skipped)"])
    }

    /// Sends the messages that leave at once.
    private func publishReceived(_ event: borrowing Event) {
        var leaving: [Message] = []
        messages.append(of: event, after: .receive, to: &leaving)
        leaveOutResting(&leaving)
        publisher?.publish(leaving)
    }

    /// The key that something is decided for.
    private func subject(of decision: Router.Decision?) -> Subject? {
        switch decision {
        case .refresh(let query, _, _) where catalogue.queries[query.index]?.target != nil: nil
        case .refresh(let query, let key, _): Subject(catalogue.regionOfQuery[query.index], key)
        case .invalidate(let region, let key): Subject(region, key)
        case .invalidateAll, .resync, nil: nil
        }
    }

    private func channel(of notification: borrowing PostgresNotification) -> ChannelID? {
        if notification.isOn(lastChannel.name) { return lastChannel.id }
        let name = Bytes(channelOf: notification)
        lastChannel = (name, catalogue.channel(ChannelName(name.description)))
        return lastChannel.id
    }

    private func refuse(_ channel: ChannelID, _ fault: PayloadFault) {
        counters.badPayloads[channel.index] += 1
        lastPayloadFaults[channel] = "\(fault)"
        guard let skipped = badPayloadLog.admit(at: .now) else { return }
        logger.warning(
            "payload dropped: \(fault)",
            metadata: [
                "channel": "\(catalogue.channels[channel.index]?.name.text ?? "")", "dropped_before": "\(skipped)",
            ])
    }
}

extension PostgresNotification {
    fileprivate borrowing func isOn(_ channel: Bytes) -> Bool {
        withChannel { name in
            unsafe name.withUnsafeBytes { name in
                unsafe channel.withUnsafeBytes { channel in
                    guard name.count == channel.count, let first = name.baseAddress, let second = channel.baseAddress
                    else { return false }
                    return unsafe memcmp(first, second, name.count) == 0
                }
            }
        }
    }
}

extension Bytes {
    // Outside of the dispatcher's isolation, which would be looked up again for each closure.
    fileprivate init(payloadOf notification: borrowing PostgresNotification) {
        self = notification.withPayload { text in unsafe text.withUnsafeBytes { unsafe Bytes(copying: $0) } }
    }

    fileprivate init(channelOf notification: borrowing PostgresNotification) {
        self = notification.withChannel { text in unsafe text.withUnsafeBytes { unsafe Bytes(copying: $0) } }
    }
}

/// Lets only so many lines of one kind into the log, and counts the rest.
struct LogLimit {
    private let spacing: Moment.Span
    private var next = Moment(nanoseconds: .min)
    private var skipped = 0
    private var credit = 5

    init(perMinute: Int) { spacing = .seconds(Int64(60 / max(1, perMinute))) }

    /// How many lines were left out before this one, if this one may be written.
    mutating func admit(at now: Moment) -> Int? {
        if now >= next { credit = min(5, credit + 1) }
        guard credit > 0 else {
            skipped += 1
            return nil
        }
        credit -= 1
        next = now + spacing
        defer { skipped = 0 }
        return skipped
    }
}
