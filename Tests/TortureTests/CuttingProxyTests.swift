import TestDaemon
import TestServers
import Testing

@Suite("the proxy loses and delays calls") struct CuttingProxyTests {
    private func made() throws -> (RedisServer, CuttingProxy) {
        let redis = try RedisServer.start()
        let proxy = try #require(CuttingProxy(path: "\(redis.folder)/proxy", server: redis.socketPath, word: "INCR"))
        return (redis, proxy)
    }

    @Test("what is not meant passes unchanged")
    func passing() throws {
        let (redis, proxy) = try made()
        defer { proxy.stop() }
        let client = try RedisClient(path: proxy.path)
        let large = String(repeating: "x", count: 1_000_000)
        try client.command("SET", "large", large)
        #expect(try client.command("GET", "large").text == large)
        #expect(redis.cli("STRLEN", "large") == "1000000")
    }

    @Test("a call is carried out and its answer lost")
    func lostAnswer() throws {
        let (redis, proxy) = try made()
        defer { proxy.stop() }
        let client = try RedisClient(path: proxy.path)
        proxy.arm(.loseAnswer)
        #expect(throws: Trouble.self) { try client.command("INCR", "n") }
        #expect(redis.cli("GET", "n") == "1")
    }

    @Test("a call is lost")
    func lostCall() throws {
        let (redis, proxy) = try made()
        defer { proxy.stop() }
        let client = try RedisClient(path: proxy.path)
        proxy.arm(.loseCall)
        #expect(throws: Trouble.self) { try client.command("INCR", "n") }
        #expect(redis.cli("EXISTS", "n") == "0")
        #expect(try RedisClient(path: proxy.path).command("INCR", "n").number == 1)
    }

    @Test("a call comes late, after what its client sent on another connection")
    func late() throws {
        let (redis, proxy) = try made()
        defer { proxy.stop() }
        let client = try RedisClient(path: proxy.path)
        proxy.arm(.deliverLate(seconds: 0.3))
        #expect(throws: Trouble.self) { try client.command("INCR", "n") }
        #expect(redis.cli("EXISTS", "n") == "0")
        try RedisClient(path: proxy.path).command("SET", "n", "10")
        try eventually("11") { redis.cli("GET", "n") }
    }
}
