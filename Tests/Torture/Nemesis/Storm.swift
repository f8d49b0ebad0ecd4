/// P13: very many notifications in one transaction.
struct Storm: Fault {
    var row: String { "P13" }
    var what: String { "20,000 notifications at once" }
    var place: FaultPlace { .workload }

    func inject(_ arena: Arena) throws {
        try arena.sql(
            """
            SELECT count(pg_notify('lists_changed', '{"id":' || n || '}')) FROM generate_series(1, 20000) n
            """)
        arena.ledger.sent("lists_changed", 20_000)
    }
}
