import TestDaemon
import TestServers

/// R7: a script of somebody else does not end.
final class BusyScript: Fault {
    private var client: RedisClient?

    var row: String { "R7" }
    var what: String { "an endless script holds Redis" }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 0.3...3 }

    func inject(_ arena: Arena) throws {
        arena.redis.cli("CONFIG", "SET", "busy-reply-threshold", "100")
        client = try RedisClient(path: arena.redis.socketPath)
        try client?.send(["EVAL", "while true do end", "0"])
    }

    func heal(_ arena: Arena) throws {
        try eventually { !arena.redis.cli("SCRIPT", "KILL").hasPrefix("NOTBUSY") || isOver(arena) }
        client = nil
    }

    private func isOver(_ arena: Arena) -> Bool { arena.redis.cli("PING") == "PONG" }
}

/// R11: Redis does not answer for a while.
struct StalledRedis: Fault {
    /// How it is made to stall.
    enum Way: String { case frozen = "kill -STOP of Redis", asleep = "DEBUG SLEEP", paused = "CLIENT PAUSE" }

    let way: Way
    var longest = 4.0

    var row: String { "R11" }
    var what: String { way.rawValue }
    var place: FaultPlace { .redis }
    var length: ClosedRange<Double> { 0.3...longest }

    func inject(_ arena: Arena) throws {
        switch way {
        case .frozen: arena.redis.freeze()
        case .asleep: try RedisClient(path: arena.redis.socketPath).send(["DEBUG", "SLEEP", "1"])
        case .paused: arena.redis.cli("CLIENT", "PAUSE", "2000", "WRITE")
        }
    }

    func heal(_ arena: Arena) throws {
        switch way {
        case .frozen: arena.redis.thaw()
        case .asleep: break
        case .paused: arena.redis.cli("CLIENT", "UNPAUSE")
        }
    }
}
