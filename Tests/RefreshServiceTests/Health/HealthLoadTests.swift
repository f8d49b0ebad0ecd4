import Glibc
import Testing

@testable import RefreshService

@Suite struct HealthLoadTests {
    @Test func theOldestIdleConnectionMakesRoom() throws {
        var limits = HealthLimits()
        limits.connections = 3
        let server = try TestServer(limits: limits)
        let clients = try (0..<3).map { _ in try server.client() }
        for client in clients {
            client.get("/healthz")
            #expect(client.answer()?.status == 200)
        }
        let newcomer = try server.client()
        newcomer.get("/healthz")
        #expect(newcomer.answer()?.status == 200)
        #expect(clients[0].isClosed())
        clients[1].get("/healthz")
        #expect(clients[1].answer()?.status == 200)
    }

    @Test func withoutAnIdleOneANewcomerIsToldSo() throws {
        var limits = HealthLimits()
        limits.connections = 2
        limits.answer = .seconds(60)
        let (asked, ended) = (Signal(), Signal())
        let server = try TestServer(limits: limits) { _, answer in
            asked.raise()
            ended.keep { answer(HealthResponse(status: 200, text: "done")) }
        }
        let busy = try (0..<2).map { _ in try server.client() }
        for client in busy { client.get("/healthz") }
        asked.wait(for: 2)
        let told = try (0..<2).map { _ in try server.client() }
        for client in told {
            client.get("/healthz")
            #expect(client.answer()?.body == "too many connections\n")
            #expect(client.isClosed())
        }
        ended.runKept()
        for client in busy { #expect(client.answer()?.body == "done\n") }
    }

    @Test func twoHundredAtOnce() throws {
        let server = try TestServer()
        let clients = try (0..<200).map { _ in
            let client = try server.client()
            client.get("/healthz", headers: "Connection: close\r\n")
            return client
        }
        var statuses: [Int: Int] = [:]
        for client in clients { statuses[client.answer()?.status ?? 0, default: 0] += 1 }
        #expect(statuses[200, default: 0] >= 64)
        #expect(statuses.keys.allSatisfy { [0, 200, 503].contains($0) })
        let after = try server.client()
        after.get("/healthz")
        #expect(after.answer()?.status == 200)
    }

    @Test func twoHundredInTurnsAreAllServed() throws {
        let server = try TestServer()
        for _ in 0..<200 {
            let client = try server.client()
            client.get("/healthz")
            #expect(client.answer()?.status == 200)
        }
    }
}
