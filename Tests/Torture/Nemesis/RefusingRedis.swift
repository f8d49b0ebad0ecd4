import Glibc
import TestDaemon
import TestServers

/// R3: Redis has no memory left and takes no write.
struct OutOfMemory: Fault {
    var row: String { "R3" }
    var what: String { "CONFIG SET maxmemory 1" }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 0.3...3 }

    func inject(_ arena: Arena) throws { arena.redis.cli("CONFIG", "SET", "maxmemory", "1") }

    func heal(_ arena: Arena) throws { arena.redis.cli("CONFIG", "SET", "maxmemory", "0") }
}

/// R5: Redis can not save, and therefore takes no write.
struct FailedSave: Fault {
    var row: String { "R5" }
    var what: String { "BGSAVE fails: MISCONF" }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 0.3...3 }

    func inject(_ arena: Arena) throws {
        // A folder in the file's place fails for root too.
        unlink("\(arena.redis.folder)/dump.rdb")
        mkdir("\(arena.redis.folder)/dump.rdb", 0o700)
        arena.redis.cli("CONFIG", "SET", "save", "3600 1")
        arena.redis.cli("BGSAVE")
        try eventually(within: .seconds(30)) {
            arena.redis.cli("INFO", "persistence").contains("rdb_last_bgsave_status:err")
        }
    }

    func heal(_ arena: Arena) throws {
        rmdir("\(arena.redis.folder)/dump.rdb")
        arena.redis.cli("CONFIG", "SET", "save", "")
        arena.redis.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
        arena.redis.cli("BGSAVE")
        try eventually(within: .seconds(30)) {
            arena.redis.cli("INFO", "persistence").contains("rdb_last_bgsave_status:ok")
        }
        arena.redis.cli("CONFIG", "SET", "stop-writes-on-bgsave-error", "yes")
    }
}

/// R4: Redis becomes a replica of nobody, which only reads.
struct DemotedRedis: Fault {
    var row: String { "R4" }
    var what: String { "REPLICAOF a server that is not there: READONLY" }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 0.3...3 }

    func inject(_ arena: Arena) throws { arena.redis.cli("REPLICAOF", "127.0.0.1", "1") }

    func heal(_ arena: Arena) throws { arena.redis.cli("REPLICAOF", "NO", "ONE") }
}

/// R8: the right to write is taken away.
struct ForbiddenWrites: Fault {
    var row: String { "R8" }
    var what: String { "ACL SETUSER default -set: NOPERM within the script" }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 0.3...3 }

    func inject(_ arena: Arena) throws { arena.redis.cli("ACL", "SETUSER", "default", "-set") }

    func heal(_ arena: Arena) throws { arena.redis.cli("ACL", "SETUSER", "default", "+set") }
}
