import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct HandshakeTests {
    @Loop private func refusal(_ settings: RedisSettings) async -> RedisError? {
        do throws(RedisError) {
            _ = try await RedisConnection.connect(settings)
            return nil
        } catch { return error }
    }

    @Loop @Test func aPasswordInTheURLOrBeside() async throws {
        let server = try await startRedis(.init(password: "s@c/ret"))
        let inURL = try await RedisConnection.connect(RedisSettings("unix://:s%40c%2Fret@\(server.socketPath)"))
        #expect(try await inURL.command("PING").text == "PONG")
        var settings = try RedisSettings(server.url)
        #expect(await refusal(settings)?.kind == .noAuth)
        settings.password = "s@c/ret"
        #expect(try await RedisConnection.connect(settings).command("PING").text == "PONG")
        settings.password = "wrong"
        let error = await refusal(settings)
        #expect(error?.kind == .wrongPass)
        #expect(error?.disposition == .report)
        #expect(error?.description.contains("wrong") == false)
    }

    @Loop @Test func anACLUserWithFewRights() async throws {
        let server = try await startRedis()
        server.cli("ACL", "SETUSER", "bob", "on", ">pw", "+get", "~*")
        let redis = try await RedisConnection.connect(RedisSettings("unix://bob:pw@\(server.socketPath)"))
        #expect(try await redis.command("GET", "k") == .null)
        #expect(try await redis.failure("SET", "k", "v").kind == .noPerm)
        var settings = try RedisSettings(server.url)
        settings.password = "needless"
        #expect(await refusal(settings)?.kind == .noPasswordSet)
    }

    @Loop @Test func aDatabaseIsSelected() async throws {
        let server = try await startRedis()
        let third = try await RedisConnection.connect(RedisSettings(server.url + "?db=3"))
        _ = try await third.command("SET", "k", "v")
        #expect(server.cli("-n", "3", "GET", "k") == "v")
        #expect(server.cli("-n", "0", "EXISTS", "k") == "0")
        #expect(await refusal(try RedisSettings(server.url + "?db=99"))?.kind == .badDatabase)
    }

    @Loop @Test func overTCP() async throws {
        let server = try await startRedis(.init(listensOnTCP: true))
        let port = try #require(server.port)
        for host in ["127.0.0.1", "localhost"] {
            let redis = try await RedisConnection.connect(RedisSettings("redis://\(host):\(port)/1"))
            #expect(try await redis.command("PING").text == "PONG")
            #expect(redis.place == "redis://\(host):\(port)/1")
        }
        #expect(await refusal(try RedisSettings("redis://[::1]:\(port)"))?.code == .connectionFailed)
    }

    @Loop @Test func nobodyThere() async throws {
        let error = await refusal(try RedisSettings("unix:///nonexistent/redis.sock"))
        #expect(error?.code == .connectionFailed)
        #expect(error?.disposition == .reconnect)
        #expect(error?.description.contains("No such file") == true)
    }

    @Loop @Test func aNameWithSpacesIsMadeToFit() async throws {
        let server = try await startRedis()
        var settings = try RedisSettings(server.url)
        settings.clientName = "a b\nc"
        #expect(try await RedisConnection.connect(settings).command("CLIENT", "GETNAME").text == "a-b-c")
    }

    @Loop @Test func aFrozenServerTimesOut() async throws {
        let server = try await startRedis()
        server.freeze()
        var settings = try RedisSettings(server.url)
        settings.connectTimeout = .milliseconds(100)
        let error = await refusal(settings)
        #expect(error?.code == .timedOut)
        server.thaw()
    }

    @Loop @Test func tooManyClients() async throws {
        let server = try await startRedis(.init(arguments: ["--maxclients", "1"]))
        let first = try await RedisConnection.connect(to: server)
        #expect(await refusal(try RedisSettings(server.url))?.kind == .maxClients)
        #expect(first.isOpen)
    }
}
