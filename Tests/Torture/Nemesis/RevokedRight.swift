/// P11: the daemon's role may not read a table for a while.
struct RevokedRight: Fault {
    var row: String { "P11" }
    var what: String { "REVOKE SELECT ON pages" }
    var place: FaultPlace { .postgres }
    var length: ClosedRange<Double> { 0.2...2.5 }

    func inject(_ arena: Arena) throws { try arena.sql("REVOKE SELECT ON pages FROM \(Schema.role)") }

    func heal(_ arena: Arena) throws { try arena.sql("GRANT SELECT ON pages TO \(Schema.role)") }
}
