/// R1: Redis is killed and started again, with its data or without.
struct CrashedRedis: Fault {
    let keepsData: Bool

    var row: String { "R1" }
    var what: String { "kill -9 of Redis, then a start \(keepsData ? "with" : "without") its data" }
    var place: FaultPlace { .redis }

    func inject(_ arena: Arena) throws {
        try arena.makingGap("redis", what) { try arena.crashRedis(keepingData: keepsData) }
    }
}
