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
            FailedSave(), DemotedRedis(), ForbiddenWrites(), BusyScript(), StalledRedis(way: .frozen),
            StalledRedis(way: .asleep),
            StalledRedis(way: .paused), MischievousProxy(mischief: .loseAnswer),
            MischievousProxy(mischief: .loseCall), MischievousProxy(mischief: .deliverLate(seconds: 1)),
            EndedDaemon(signal: SIGKILL), EndedDaemon(signal: SIGTERM), FrozenDaemon(), Reload(isBroken: false),
            Reload(isBroken: true), HostileClients(),
        ]
        return daemons > 1 ? faults + [FormerOwner(), FormerOwner(), FormerOwner()] : faults
    }
}
