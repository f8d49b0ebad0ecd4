import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct ScriptTests {
    @Loop @Test func aScriptIsLoadedAndCalled() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let script = RedisScript("redis.call('SET', KEYS[1], ARGV[1]) return {KEYS[1], #ARGV}")
        try await redis.load(script)
        #expect(script.digest?.count == 40)
        let answer = Waiter<RedisValue?>()
        redis.send(script: script, keys: 1, arguments: 2) { writer in
            writer.appendParts(Array("p:".utf8), Array("k".utf8))
            writer.append("v")
            writer.append(7)
        } reply: {
            answer.give(try? $0.value())
        }
        #expect(try await answer.wait(timeout: .seconds(10)) == .array([.bytes(Array("p:k".utf8)), .integer(2)]))
        #expect(server.cli("GET", "p:k") == "v")
    }

    @Loop @Test func aFlushedScriptIsNoticedAndRecovered() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let script = RedisScript("return ARGV[1] .. #KEYS")
        #expect(try await redis.evaluate(script, keys: ["a", "b"], arguments: ["x"]).text == "x2")
        server.cli("SCRIPT", "FLUSH")
        let kind = Waiter<RedisError?>()
        redis.send(script: script, keys: 0, arguments: 1) {
            $0.append("x")
        } reply: {
            kind.give($0.error)
        }
        let error = try await kind.wait(timeout: .seconds(10))
        #expect(error?.kind == .noScript)
        #expect(error?.disposition == .resync)
        #expect(try await redis.evaluate(script, arguments: ["y"]).text == "y0")
    }

    @Loop @Test func aScriptThatWasNeverLoadedIsNoticed() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let kind = Waiter<ServerErrorKind?>()
        redis.send(
            script: RedisScript("return 1"), keys: 0, arguments: 0, { _ in }, reply: { kind.give($0.error?.kind) })
        #expect(try await kind.wait(timeout: .seconds(10)) == .noScript)
    }

    @Loop @Test func aScriptThatDoesNotCompileIsReported() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        do throws(RedisError) {
            try await redis.load(RedisScript("return ("))
            Issue.record("it compiled")
        } catch {
            #expect(error.disposition == .report)
        }
    }
}
