import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct ScanTests {
    @Loop @Test func aScanFindsAllKeysOfAPrefixAndNoOther() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let prefix = "a*[b]?\\:"
        let tally = Tally()
        for number in 0..<10_000 {
            redis.send(arguments: 3) {
                $0.append("SET"); $0.append(prefix + String(number)); $0.append("")
            } reply: { _ in
                tally.add()
            }
        }
        for other in ["a*b?:1", "axxb:1", "a*[b]x\\:1", "a*b?\\:2", "aX[b]?\\:3", "a*[b]?:4", "b"] {
            _ = try await redis.command("SET", other, "")
        }
        try await tally.wait(for: 10_000)
        var found: Set<[UInt8]> = []
        var pages = 0
        var scan = redis.scan(match: GlobPattern(prefix: prefix.utf8), count: 100)
        while let keys = try await scan.next() {
            #expect(!keys.isEmpty)
            found.formUnion(keys)
            pages += 1
        }
        #expect(found == Set((0..<10_000).map { Array((prefix + String($0)).utf8) }))
        #expect(pages > 10)
        var nothing = redis.scan(match: GlobPattern(prefix: "none".utf8))
        #expect(try await nothing.next() == nil)
    }
}
