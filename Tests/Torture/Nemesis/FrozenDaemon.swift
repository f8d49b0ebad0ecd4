import Glibc
import TestDaemon

/// D2: the daemon stops without ending, and goes on later.
final class FrozenDaemon: Fault {
    private var slot: DaemonSlot?

    var row: String { "D2" }
    var what: String { "kill -STOP of the daemon" }
    var place: FaultPlace { .daemon }
    var length: ClosedRange<Double> { 0.3...3 }

    func inject(_ arena: Arena) throws {
        slot = arena.owner
        slot?.daemon.signal(SIGSTOP)
    }

    func heal(_ arena: Arena) throws { slot?.daemon.signal(SIGCONT) }
}

/// D9: the owner stops, loses its lease, another takes over, and the former owner goes on.
final class FormerOwner: Fault {
    private var slot: DaemonSlot?

    var row: String { "D9" }
    var what: String { "the owner stops and loses its lease, a standby takes over, the owner goes on" }
    var place: FaultPlace { .daemon }
    var length: ClosedRange<Double> { 0.5...2.5 }

    func inject(_ arena: Arena) throws {
        let slot = arena.owner
        self.slot = slot
        slot.daemon.signal(SIGSTOP)
        let lease = """
            SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted
            """
        // It may fail while Postgres is away: then the lease is lost anyway.
        _ = try? arena.sql(lease)
        let others = arena.slots.filter { $0.number != slot.number }
        _ = try? eventually(within: .seconds(4)) { others.contains { $0.isOwner } }
    }

    func heal(_ arena: Arena) throws { slot?.daemon.signal(SIGCONT) }
}
