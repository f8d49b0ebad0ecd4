import Glibc
import TestDaemon

/// D5: the configuration is read again, also when it is broken.
final class Reload: Fault {
    private let isBroken: Bool

    init(isBroken: Bool) { self.isBroken = isBroken }

    var row: String { "D5" }
    var what: String { isBroken ? "a reload of a broken file" : "a reload that adds a region and takes it away" }
    var place: FaultPlace { .daemon }

    func inject(_ arena: Arena) throws {
        let more =
            isBroken
            ? "[regions.oops]\nformat = \"jsn\""
            : """
            [regions.more]
            [queries.more]
            region = "more"
            sql = "SELECT count(*) FROM owners"
            result = "scalar"
            """
        for slot in arena.slots { try slot.reload(more) }
    }

    func heal(_ arena: Arena) throws {
        for slot in arena.slots { try slot.reload("") }
    }
}
