/// P9: a column that a query reads is not there for a while, so that the query can not run at all.
struct RenamedColumn: Fault {
    var row: String { "P9" }
    var what: String { "ALTER TABLE owners RENAME name" }
    var place: FaultPlace { .postgres }
    var length: ClosedRange<Double> { 0.2...2.5 }

    func inject(_ arena: Arena) throws { try arena.sql("ALTER TABLE owners RENAME name TO former_name") }

    func heal(_ arena: Arena) throws { try arena.sql("ALTER TABLE owners RENAME former_name TO name") }
}
