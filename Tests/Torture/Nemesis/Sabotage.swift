import TestServers

/// A mechanism that the daemon turns off for a run, and what must come of it.
enum Sabotage: String, CaseIterable, Sendable {
    case fence, resync, dirty, acknowledge, notifications, streaming

    /// The guarantees of which one must be found violated.
    var breaks: Set<Guarantee> {
        switch self {
        case .fence, .streaming: [.monotone]
        case .dirty: [.convergent]
        case .resync, .acknowledge, .notifications: [.convergent, .nothingLostUnseen]
        }
    }

    /// Faults that the mechanism withstands, so that turning it off must show.
    var faults: [any Fault] {
        switch self {
        case .fence: [MischievousProxy(mischief: .deliverLate(seconds: 1)), FormerOwner()]
        case .resync: [KilledSession(role: "listener"), EmptiedRedis()]
        case .dirty: [StalledRedis(way: .frozen, longest: 1.2), StalledRedis(way: .asleep)]
        case .acknowledge: [OutOfMemory(), MischievousProxy(mischief: .loseCall)]
        case .notifications: [HostilePayloads(), LockedTable()]
        case .streaming: [KilledSession(role: "listener")]
        }
    }

    /// How its rounds end.
    var ending: RoundEnding {
        switch self {
        case .fence: .calm
        case .streaming: .repaired
        case .resync, .dirty, .acknowledge, .notifications: .stopped
        }
    }
}

/// When writers stop.
enum RoundEnding: CaseIterable, Sendable {
    /// Before the last fault is healed: what was written under it is not repaired by what comes later.
    case stopped
    /// A moment after.
    case calm
    /// Once every gap is answered: they write while the resync streams.
    case repaired
}
