import TestServers

/// R2: somebody runs FLUSHALL.
struct EmptiedRedis: Fault {
    var row: String { "R2" }
    var what: String { "FLUSHALL" }
    var place: FaultPlace { .redis }

    func inject(_ arena: Arena) throws {
        arena.makingGap("redis", what) { arena.redis.cli("FLUSHALL") }
    }
}
