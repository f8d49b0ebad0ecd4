import Glibc
import TestServers

/// The rows of the fault matrix that a schedule draws from.
enum FaultList {
    /// All that so many daemons allow.
    static func all(daemons: Int) -> [any Fault] {
        let faults: [any Fault] = [
            KilledSession(role: "listener"), KilledSession(role: "worker"), KilledSession(role: "lease"),
            CrashedPostgres(), LockedTable(), RenamedColumn(), RevokedRight(), ConnectionLimit(),
            FrozenBackend(role: "worker"), FrozenBackend(role: "listener"), Storm(), HostilePayloads(),
            CrashedRedis(keepsData: true), CrashedRedis(keepsData: false), EmptiedRedis(), OutOfMemory(),
            FailedSave(), BusyScript(), StalledRedis(way: .frozen), StalledRedis(way: .asleep),
            StalledRedis(way: .paused), MischievousProxy(mischief: .loseAnswer),
            MischievousProxy(mischief: .loseCall), MischievousProxy(mischief: .deliverLate(seconds: 1)),
            EndedDaemon(signal: SIGKILL), EndedDaemon(signal: SIGTERM), FrozenDaemon(), Reload(isBroken: false),
            Reload(isBroken: true), HostileClients(),
        ]
        return daemons > 1 ? faults + [FormerOwner(), FormerOwner(), FormerOwner()] : faults
    }

    /// Those that a mechanism withstands, so that turning it off must show.
    static func tilted(at mechanism: String) -> [any Fault] {
        switch mechanism {
        case "fence": [MischievousProxy(mischief: .deliverLate(seconds: 1)), FormerOwner()]
        case "resync": [KilledSession(role: "listener"), EmptiedRedis()]
        case "dirty": [StalledRedis(way: .frozen, longest: 1.2), StalledRedis(way: .asleep)]
        case "acknowledge": [OutOfMemory(), MischievousProxy(mischief: .loseCall)]
        case "notifications": [HostilePayloads(), LockedTable()]
        case "streaming": [KilledSession(role: "listener")]
        default: all(daemons: 2)
        }
    }
}
