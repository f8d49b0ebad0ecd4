import Reactor
import Redis
import TestServers
import TestSupport
import Testing

/// Every error is made by a real server, directly and inside a script.
@Suite(.onLoop) struct ServerErrorTests {
    private static let write = "return redis.call('SET', 'k', 'v')"

    @Loop private func expectWritesFail(_ redis: RedisConnection, _ kind: ServerErrorKind) async throws {
        #expect(try await redis.failure("SET", "k", "v").kind == kind)
        #expect(try await redis.failure("EVAL", Self.write, "0").kind == kind)
        #expect(redis.isOpen)
    }

    @Loop @Test func outOfMemory() async throws {
        let server = try await startRedis(.init(arguments: ["--maxmemory", "1"]))
        let redis = try await RedisConnection.connect(to: server)
        try await expectWritesFail(redis, .outOfMemory)
        server.cli("CONFIG", "SET", "maxmemory", "0")
        #expect(try await redis.command("SET", "k", "v").text == "OK")
    }

    @Loop @Test func failingSnapshots() async throws {
        let server = try await startRedis(.init(arguments: ["--dbfilename", "folder.rdb"]))
        let redis = try await RedisConnection.connect(to: server)
        // A folder in place of the dump file, and save points, so that the failure counts.
        server.makeDumpFail()
        server.cli("CONFIG", "SET", "save", "3600 1000000")
        _ = try? await redis.command("BGSAVE")
        while server.cli("INFO", "persistence").contains("rdb_bgsave_in_progress:1") {}
        try await expectWritesFail(redis, .misconf)
    }

    @Loop @Test func aReplica() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        server.cli("REPLICAOF", "127.0.0.1", "1")
        try await expectWritesFail(redis, .readOnly)
        server.cli("CONFIG", "SET", "replica-serve-stale-data", "no")
        #expect(try await redis.failure("GET", "k").kind == .masterDown)
    }

    @Loop @Test func tooFewReplicas() async throws {
        let server = try await startRedis(.init(arguments: ["--min-replicas-to-write", "1"]))
        try await expectWritesFail(RedisConnection.connect(to: server), .noReplicas)
    }

    @Loop @Test func aBusyServer() async throws {
        let server = try await startRedis(.init(arguments: ["--busy-reply-threshold", "1"]))
        let redis = try await RedisConnection.connect(to: server)
        let other = try await RedisConnection.connect(to: server)
        let ended = Waiter<RedisError?>()
        other.send(arguments: 3) {
            $0.append("EVAL"); $0.append("while true do end"); $0.append(0)
        } reply: {
            ended.give($0.error)
        }
        other.flush()
        // Until the script has run for a millisecond, a PING waits and then is answered with BUSY.
        #expect(try await redis.failure("GET", "k").kind == .busy)
        _ = try await redis.command("SCRIPT", "KILL")
        #expect(try await ended.wait(timeout: .seconds(10))?.kind == .unknown)
        #expect(try await redis.command("GET", "k") == .null)
    }

    @Loop @Test func aLoadingServer() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let other = try await RedisConnection.connect(to: server)
        _ = try await redis.command("DEBUG", "POPULATE", "20000", "k", "10")
        // Some 40 ms a thousand keys: it answers others while it reads.
        _ = try await redis.command("CONFIG", "SET", "key-load-delay", "500")
        _ = try await redis.command("CONFIG", "SET", "loading-process-events-interval-bytes", "1024")
        let done = Waiter<Void>()
        other.send(arguments: 2) {
            $0.append("DEBUG"); $0.append("RELOAD")
        } reply: { _ in
            done.give(())
        }
        other.flush()
        var kind: ServerErrorKind?
        while kind == nil {
            do throws(RedisError) { _ = try await redis.command("GET", "k") } catch { kind = error.kind }
        }
        #expect(kind == .loading)
        let third = try await RedisConnection.connect(to: server)
        #expect(third.isOpen)
        _ = try await redis.command("CONFIG", "SET", "key-load-delay", "0")
        try await done.wait(timeout: .seconds(30))
        #expect(try await third.command("DBSIZE") == .integer(20_000))
    }

    @Loop @Test func aScriptWithoutPermission() async throws {
        let server = try await startRedis()
        server.cli("ACL", "SETUSER", "bob", "on", ">pw", "+eval", "+client", "~*")
        let redis = try await RedisConnection.connect(RedisSettings("unix://bob:pw@\(server.socketPath)"))
        try await expectWritesFail(redis, .noPerm)
    }

    @Loop @Test func aWrongType() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        _ = try await redis.command("LPUSH", "list", "x")
        #expect(try await redis.failure("GET", "list").kind == .wrongType)
        #expect(try await redis.failure("EVAL", "return redis.call('GET', 'list')", "0").kind == .wrongType)
        let unknown = try await redis.failure("FOO", "hunter2")
        #expect(unknown.kind == .unknown)
        #expect(!unknown.description.contains("hunter2"))
    }

    @Loop @Test func aCluster() async throws {
        let server = try await startRedis(.init(listensOnTCP: true, arguments: ["--cluster-enabled", "yes"]))
        let redis = try await RedisConnection.connect(to: server)
        #expect(try await redis.failure("GET", "k").kind == .clusterDown)
        server.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        #expect(try await redis.failure("MGET", "a", "b").kind == .crossSlot)
    }
}
