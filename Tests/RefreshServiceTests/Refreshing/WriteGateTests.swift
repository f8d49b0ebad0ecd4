import Reactor
import Redis
import RefreshCore
import TestServers
import TestSupport
import Testing

@testable import RefreshService

@Suite(.onLoop) struct WriteGateTests {
    /// A gate to a Redis of its own whose fence is up, and what its writes have come to.
    @Loop final class Site {
        let server: RedisServer
        let gate: WriteGate
        private let region: Region
        private(set) var endings: [String] = []
        private let ended = Waiter<Void>()

        init(isSilent: Bool = true) async throws {
            server = try RedisServer.start()
            server.cli("SET", "rekindle:{test}:fence", "token5")
            let connection = try await RedisConnection.connect(RedisSettings(address: RedisAddress(server.url)))
            let script = Fence.write(isGuarded: true)
            try await connection.load(script)
            gate = WriteGate(
                connection,
                WriteGate.Guard(name: "test", token: "token5", script: script, isGuarded: true, isSilent: isSilent))
            region = Region(
                name: RegionName("r"), prefix: "r:", ttlMilliseconds: nil, format: .json, onGap: .refresh)
        }

        /// Writes the keys of a range, with a message to each destination for each key; `delete` deletes them instead.
        func add(_ keys: Range<Int>, delete: Bool = false, _ destinations: [Destination] = []) {
            let request = StoreRequest(
                region: region, keys: keys.map { Bytes("\($0)") },
                fates: Array(repeating: delete ? .delete : .storeNull, count: keys.count), answers: nil,
                messages: { place, found in
                    for destination in destinations {
                        found.append(Message(destination: destination, body: Bytes("\(place)")))
                    }
                })
            for call in WriteCall.split(request) {
                gate.add(
                    WriteGate.Job(call: call, request: request) { [unowned self] ending in
                        endings.append(Self.text(ending))
                        ended.give(())
                    })
            }
        }

        func wait(for count: Int) async throws -> [String] {
            while endings.count < count { try await ended.wait(timeout: .seconds(10)) }
            return endings
        }

        private static func text(_ ending: WriteEnding) -> String {
            switch ending {
            case .verdict(.written(let refused)) where !refused.isEmpty:
                "refused " + refused.map { "\($0.place)" }.joined(separator: " ")
            case .verdict(.written): "written"
            case .verdict(.lost): "lost"
            case .verdict(.fenced): "fenced"
            case .failed(let error): error.kind?.rawValue ?? error.code.rawValue
            case .unclear: "unclear"
            }
        }
    }

    @Loop @Test func manyKeysAreATransactionAndFewTheScripts() async throws {
        let site = try await Site()
        site.add(0..<4)
        #expect(try await site.wait(for: 1) == ["written"])
        #expect(site.server.cli("EXISTS", "rekindle:{test}:mark") == "0")
        site.add(0..<1_000)
        #expect(try await site.wait(for: 3) == ["written", "written", "written"])
        #expect(site.server.cli("GET", "rekindle:{test}:mark") == "token5:2")
        #expect(site.server.cli("DBSIZE") == "1002")
    }

    @Loop @Test func aRefusedTransactionIsRepeatedBeforeWhatCameAfterIt() async throws {
        let site = try await Site()
        site.add(0..<10)
        #expect(try await site.wait(for: 1) == ["written"])
        // The fence is what it was, but was touched: the transaction that is sent next is dropped.
        site.server.cli("SET", "rekindle:{test}:fence", "token5")
        site.add(0..<10)
        site.add(3..<4, delete: true)
        #expect(try await site.wait(for: 3) == ["written", "written", "written"])
        #expect(site.server.cli("EXISTS", "r:3", "r:4") == "1")
    }

    @Loop @Test(arguments: [("token6", "fenced"), ("token4", "lost"), ("", "lost")])
    func nothingIsWrittenOnceTheFenceIsAnothers(fence: String, ending: String) async throws {
        let site = try await Site()
        site.add(0..<10)
        #expect(try await site.wait(for: 1) == ["written"])
        if fence.isEmpty {
            site.server.cli("FLUSHALL")
        } else {
            site.server.cli("SET", "rekindle:{test}:fence", fence)
        }
        site.add(10..<20)
        site.add(20..<30)
        site.add(30..<31)
        #expect(try await site.wait(for: 4).dropFirst() == [ending, ending, ending])
        #expect(site.server.cli("EXISTS", "r:10", "r:20", "r:30") == "0")
    }

    @Loop @Test func theMessagesThatWereRefusedAreTold() async throws {
        let site = try await Site()
        site.server.cli("SET", "text", "")
        let destinations = ["good", "text", "trimmed"].map { name in
            Destination(.stream(name, maxlen: name == "good" ? nil : 2), field: "payload")
        }
        let channel = Destination(.channel("c"), field: "payload")
        site.add(0..<1, destinations + [channel])
        #expect(try await site.wait(for: 1) == ["refused 1"])
        site.add(0..<5, destinations + [channel])
        #expect(try await site.wait(for: 3).dropFirst() == ["written", "refused 5 6 7 8 9"])
        #expect(site.server.cli("XLEN", "good") == "6" && site.server.cli("XLEN", "trimmed") == "6")
    }

    @Loop @Test func aStreamIsTrimmed() async throws {
        let site = try await Site()
        let stream = Destination(.stream("s", maxlen: 120), field: "payload")
        site.add(0..<450, [stream])
        #expect(try await site.wait(for: 2) == ["written", "written"])
        // By whole nodes, of 100 entries each.
        #expect(site.server.cli("XLEN", "s") == "150")
    }

    @Loop @Test func aServerThatRefusesForNowIsAskedAgain() async throws {
        let site = try await Site()
        site.server.cli("CONFIG", "SET", "maxmemory", "1")
        site.add(0..<10)
        #expect(try await site.wait(for: 1) == ["OOM"])
        site.server.cli("CONFIG", "SET", "maxmemory", "0")
        site.add(0..<10)
        #expect(try await site.wait(for: 2) == ["OOM", "written"])
    }

    @Loop @Test func whatWaitsIsGivenUpWhenItIsShut() async throws {
        let site = try await Site()
        site.add(0..<10)
        site.gate.shut()
        site.add(10..<20)
        #expect(try await site.wait(for: 2) == ["lost", "lost"])
    }
}
