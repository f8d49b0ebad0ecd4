import Glibc
import Reactor
import Redis
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct CommandTests {
    @Loop @Test func commandsAndRepliesOfEveryType() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        #expect(try await redis.command("SET", "k", "v") == .bytes(Array("OK".utf8)))
        #expect(try await redis.command("GET", "k").text == "v")
        #expect(try await redis.command("GET", "none") == .null)
        #expect(try await redis.command("INCRBY", "n", "-3") == .integer(-3))
        #expect(try await redis.command("MGET", "k", "none", "n") == .array([.bytes([118]), .null, .bytes([45, 51])]))
        let nested = try await redis.command("EVAL", "return {1, {'a', {}}, false}", "0")
        #expect(nested == .array([.integer(1), .array([.bytes([97]), .array([])]), .null]))
        #expect(try await redis.command("CLIENT", "GETNAME").text == "rekindle")
        #expect(server.cli("GET", "k") == "v")
    }

    @Loop @Test func aReplyIsLentToItsClosure() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let seen = Waiter<[String]>()
        redis.send(arguments: 3) {
            $0.append("EVAL"); $0.append("return {7, 'x', false, {'y'}}"); $0.append(0)
        } reply: { reply in
            var parts: [String] = ["\(reply.elementCount ?? -1)", "\(reply.integer == nil)"]
            parts.append("\((reply.withElement(0) { $0.integer } ?? nil) ?? 0)")
            parts.append("\(reply.withElement(1) { $0.equals("x") && !$0.equals("xx") && !$0.equals("") } ?? false)")
            parts.append("\(reply.withElement(2) { $0.isNull } ?? false)")
            parts.append("\(reply.withElement(3) { $0.withElement(0) { $0.equals("y") } ?? false } ?? false)")
            parts.append("\(reply.withElement(4) { _ in true } == nil)")
            seen.give(parts)
        }
        #expect(redis.outstandingReplies == 1)
        #expect(try await seen.wait(timeout: .seconds(10)) == ["4", "true", "7", "true", "true", "true", "true"])
        #expect(redis.outstandingReplies == 0)
    }

    @Loop @Test func anyBytesGoThere() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        var sizes = Array(0..<40) + [99, 100, 999, 1000, 9999, 10_000, 65_535, 65_536]
        sizes += (0..<50).map { _ in Int.random(in: 0..<20_000, using: &random) }
        for size in sizes {
            let key: [UInt8] = [0, 13, 10, 36] + (0..<8).map { _ in UInt8.random(in: 0...255, using: &random) }
            let value = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
            _ = try await redis.command([Array("SET".utf8), key, value])
            #expect(try await redis.command([Array("GET".utf8), key]) == .bytes(value), "seed \(seed), size \(size)")
        }
    }

    @Loop @Test func tenMegabytesGoThereAndBack() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let value = (0..<10 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        _ = try await redis.command([Array("SET".utf8), [1], value])
        #expect(try await redis.command([Array("GET".utf8), [1]]) == .bytes(value))
    }

    @Loop @Test func aHundredThousandCommandsKeepTheirOrder() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let tally = Tally()
        var inOrder = true
        for number in 1...100_000 {
            redis.send(arguments: 2) {
                $0.append("INCR"); $0.append("n")
            } reply: { reply in
                inOrder = inOrder && reply.integer == Int64(number)
                tally.add()
            }
            if number % 1000 == 0 { try await redis.room(below: 1 << 20) }
        }
        try await tally.wait(for: 100_000)
        #expect(inOrder)
        #expect(server.cli("GET", "n") == "100000")
    }

    @Loop @Test func aTurnsCommandsLeaveTogether() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let tally = Tally()
        let before = server.cli("INFO", "stats").reads
        for _ in 0..<500 {
            redis.send(arguments: 1) {
                $0.append("PING")
            } reply: { _ in
                tally.add()
            }
        }
        #expect(redis.outputBytes > 0)
        try await tally.wait(for: 500)
        // The server counts how often it read: at most twice for ours, and the rest for the two redis-cli.
        #expect(server.cli("INFO", "stats").reads - before <= 6)
    }

    @Loop @Test func muchIsNotGathered() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let value = [UInt8](repeating: 1, count: RedisConnection.flushThreshold)
        let done = Waiter<Bool>()
        redis.send(arguments: 2) {
            $0.append("ECHO"); $0.append(value)
        } reply: {
            done.give($0.error == nil)
        }
        #expect(redis.outputBytes == 0, "it left with the call that completed it")
        #expect(try await done.wait(timeout: .seconds(10)))
    }

    @Loop @Test func repliesAreFreed() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        _ = try await redis.command("SETRANGE", "k", String(10 << 20), "x")
        let before = residentBytes()
        for _ in 0..<40 {
            let size = Waiter<Int?>()
            redis.send(arguments: 2) {
                $0.append("GET"); $0.append("k")
            } reply: {
                size.give($0.withBytes { $0.count })
            }
            #expect(try await size.wait(timeout: .seconds(10)) == (10 << 20) + 1)
        }
        #expect(!MemoryBound.holds || residentBytes() - before < 200 << 20, "of 400 MiB received, nothing is kept")
    }

    @Loop @Test func aMiscountedCommandIsNotSent() async throws {
        let server = try await startRedis()
        let redis = try await RedisConnection.connect(to: server)
        let errors = Waiter<RedisError?>()
        redis.send(arguments: 3) {
            $0.append("SET"); $0.append("k")
        } reply: {
            errors.give($0.error)
        }
        #expect(redis.outstandingReplies == 0)
        #expect(try await errors.wait(timeout: .seconds(10))?.code == .malformedCommand)
        #expect(try await redis.command("GET", "k") == .null)
    }
}

/// What this process occupies in memory.
private func residentBytes() -> Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var text = [UInt8](repeating: 0, count: 100)
    let count = fread(&text, 1, text.count, file)
    let fields = String(decoding: text[..<count], as: UTF8.self).split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
}

extension String {
    /// The server's `total_reads_processed`.
    fileprivate var reads: Int {
        for line in split(whereSeparator: \.isNewline) where line.hasPrefix("total_reads_processed:") {
            return Int(line.split(separator: ":")[1]) ?? 0
        }
        return 0
    }
}
