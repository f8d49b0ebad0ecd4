/// P13: very many notifications in one transaction.
struct Storm: Fault {
    var row: String { "P13" }
    var what: String { "20,000 notifications at once" }
    var place: FaultPlace { .workload }

    func inject(_ arena: Arena) throws {
        let storm = """
            SELECT count(pg_notify('lists_changed', '{"id":' || n || '}')) FROM generate_series(1, 20000) n
            """
        // Postgres may be away by another fault.
        guard (try? arena.sql(storm)) != nil else { return }
        arena.ledger.sent("lists_changed", 20_000)
    }
}
