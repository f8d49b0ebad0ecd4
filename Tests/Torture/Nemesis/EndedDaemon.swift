import Glibc
import TestDaemon

/// D1 and D4: the daemon is killed, or stopped in an orderly way, and started again.
final class EndedDaemon: Fault {
    private let signal: Int32
    private var slot: DaemonSlot?

    init(signal: Int32) { self.signal = signal }

    var row: String { signal == SIGKILL ? "D1" : "D4" }
    var what: String { signal == SIGKILL ? "kill -9 of the daemon" : "SIGTERM to the daemon" }
    var place: FaultPlace { .daemon }
    var length: ClosedRange<Double> { 0.05...2 }

    func inject(_ arena: Arena) throws {
        let slot = arena.owner
        self.slot = slot
        arena.makingGap("start", what) { slot.daemon.signal(signal) }
    }

    func heal(_ arena: Arena) throws {
        guard let slot else { return }
        let exit = try slot.daemon.waitForExit(within: .seconds(20))
        if signal == SIGTERM, exit != .code(0) { throw Trouble("After SIGTERM the daemon ended with \(exit).") }
        try slot.start()
    }
}
