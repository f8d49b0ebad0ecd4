import RefreshCore

/// What an event asks for, and the messages that leave once it is done.
extension Instance {
    /// An event that has come by a channel of the site.
    func take(_ write: Scenario.Write, _ number: Int) {
        let message = world.scenario.hasMessages ? begin(write, number) : nil
        if write.isTogether {
            let before = (keeper.queue.keyCount, keeper.queue.counts.coalesced)
            keeper.applyTogether(write.decisions, event: message, at: world.now)
            // Where groups may have had no room their keys were asked for one by one.
            let isRoomy = world.scenario.queueBytes >= 1 << 20
            if !isRoomy, before != (keeper.queue.keyCount, keeper.queue.counts.coalesced) { isApart = true }
        } else {
            for decision in write.decisions { keeper.apply(decision, event: message, at: world.now) }
        }
        if let message { keeper.queue.seal(message) }
    }

    private func begin(_ write: Scenario.Write, _ number: Int) -> EventID? {
        guard keeper.role == .owner else { return nil }
        let event = keeper.queue.begin(
            Event(purpose: .messages(ChannelID(0)), payload: .empty, sequence: UInt64(number), seen: world.now))
        if event != nil { messages[number] = Message(write: write, losses: world.redis.losses) }
        return event
    }

    /// The messages of an event leave: who reads now what it asked for finds nothing older than it.
    func publish(_ number: Int) {
        guard let message = messages.removeValue(forKey: number), keeper.role == .owner else { return }
        if message.losses != world.redis.losses { return }
        let failing = Site.regions.indices.map { RegionID($0) }.filter { keeper.queue.isFailing($0) }
        world.published(number, message.write, except: message.failing.union(failing))
    }

    /// A pass is over, also when keys of its region fail: messages that wait for it do not wait for those.
    func passOver(_ region: RegionID) {
        guard keeper.queue.isFailing(region) else { return }
        for number in messages.keys { messages[number]?.failing.insert(region) }
    }

    // MARK: Keys that change together

    /// Looks, when all that can be done now is handed out, whether keys that change together may be seen apart: from a
    /// gap, a takeover, a pass, a query or key that fails on, until everything is done and they are seen as one again.
    func noteCalm() {
        guard !world.scenario.families.isEmpty else { return }
        let isCalm =
            keeper.role == .owner && keeper.passes.isQuiet && !keeper.gaps.isOpen
            && !Site.regions.indices.contains { keeper.queue.isFailing(RegionID($0)) }
        if !isCalm {
            isApart = true
        } else if isApart, keeper.queue.isQuiet, keeper.queue.keyCount == 0, world.tear() == nil {
            isApart = false
        }
    }
}

/// What waits until an event is done.
struct Message {
    let write: Scenario.Write
    /// How often Redis had lost its data when the event came.
    let losses: Int
    /// Regions that a pass has gone over meanwhile, though not all of their keys could be refreshed.
    var failing: Set<RegionID> = []
}
