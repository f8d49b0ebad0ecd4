import Logging
import Postgres
import Reactor
import RefreshCore

extension Dispatcher {
    /// Takes a notification in: its messages leave, its keys wait. Never throws, for a payload can hold anything.
    ///
    /// Many come together; `settle` is called after the last of them.
    func receive(_ notification: borrowing PostgresNotification) {
        canary.word(at: .now)
        guard let channel = channel(of: notification) else {
            if takesNonce(notification) { return }
            counters.unknownNotifications += 1
            return
        }
        let payload = notification.withPayload { unsafe Bytes($0.withUnsafeBytes { unsafe [UInt8]($0) }) }
        receive(channel, payload)
    }

    /// Takes an event in.
    func receive(_ channel: ChannelID, _ payload: Bytes) {
        guard router.knows(channel) else { return }
        counters.notifications[channel.index] += 1
        sequences[channel.index] += 1
        if sabotage.breaks(.notifications), sequences[channel.index] % 50 == 0 { return }
        let now = Moment.now
        let sources = router.sources(of: channel)
        decisions.removeAll(keepingCapacity: true)
        do throws(PayloadFault) {
            if !sources.isEmpty { payloads.open(payload, of: channel) }
            try router.route(channel, into: &decisions) { payloads.find(sources[$0], at: $0) }
        } catch {
            return refuse(channel, error)
        }
        var event = Event(
            purpose: .messages(channel), payload: payload, sequence: sequences[channel.index], seen: now)
        name(&event)
        guard keeper.role == .owner else {
            for decision in decisions { keeper.apply(decision, event: nil, at: now) }
            return
        }
        if messages.hasRoutes(channel, after: .receive) {
            var leaving: [Message] = []
            messages.append(of: event, after: .receive, to: &leaving)
            publisher?.publish(leaving)
        }
        let waits = messages.hasRoutes(channel, after: .refresh) ? keeper.queue.begin(event) : nil
        for decision in decisions { keeper.apply(decision, event: waits, at: now) }
        if let waits { keeper.queue.seal(waits) }
    }

    /// Gives the event the key of the first thing it asks for.
    private func name(_ event: inout Event) {
        switch decisions.first {
        case .refresh(let query, let key, _):
            event.key = key
            event.region = catalogue.regionOfQuery[query.index]
        case .invalidate(let region, let key):
            event.key = key
            event.region = region
        case .invalidateAll, nil: break
        }
    }

    private func channel(of notification: borrowing PostgresNotification) -> ChannelID? {
        let isSame = notification.withChannel { name in
            unsafe name.withUnsafeBytes { unsafe $0.elementsEqual(lastChannel.name) }
        }
        if isSame { return lastChannel.id }
        let name = notification.withChannel { name in unsafe name.withUnsafeBytes { unsafe [UInt8]($0) } }
        lastChannel = (name, catalogue.channel(ChannelName(String(decoding: name, as: UTF8.self))))
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

extension Dispatcher {
    /// Appends the messages that leave with the write of an item.
    func announce(_ item: Batch.Item, into found: inout [Message]) {
        keeper.queue.announce(item) { messages.append(of: $0, after: .refresh, to: &found) }
    }
}
