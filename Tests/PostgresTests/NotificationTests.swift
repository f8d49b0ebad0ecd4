import Postgres
import Reactor
import TestServers
import TestSupport
import Testing

@Suite(.onLoop) struct NotificationTests {
    /// What a connection has heard, and when it has heard enough.
    @Loop final class Ear {
        var heard: [String] = []
        let full = Waiter<Void>()

        init(_ connection: PostgresConnection, expecting count: Int) {
            connection.onNotifications = { [unowned self, unowned connection] in
                while let notification = connection.nextNotification() {
                    let channel = notification.withChannel { Self.text($0) }
                    heard.append(channel + " " + notification.withPayload { Self.text($0) })
                }
                if heard.count == count { full.give(()) }
            }
        }

        private static func text(_ bytes: RawSpan) -> String {
            bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
        }
    }

    @Loop @Test func allOfOneTransactionArrive() async throws {
        let url = try PostgresServer.shared().makeDatabase()
        let (listener, other) = (try await Database.connect(url), try await Database.connect(url))
        let ear = Ear(listener, expecting: 10_000)
        try await listener.listen(to: ["c"], timeout: Database.patience)
        _ = try await other.table("SELECT pg_notify('c', i::text) FROM generate_series(1, 10000) i")
        try await ear.full.wait(timeout: Database.patience)
        #expect(ear.heard == (1...10_000).map { "c \($0)" })
    }

    @Loop @Test func theyArriveBesideAnAnswer() async throws {
        let listener = try await Database.connect(PostgresServer.shared().makeDatabase())
        let ear = Ear(listener, expecting: 3)
        try await listener.listen(to: ["c"], timeout: Database.patience)
        // Its own notification comes in the same packet as the answer, and must not wait for another.
        for number in 1...3 { _ = try await listener.table("SELECT pg_notify('c', '\(number)')") }
        try await ear.full.wait(timeout: Database.patience)
        #expect(ear.heard == ["c 1", "c 2", "c 3"])
    }

    @Loop @Test func theyArriveWhileAStatementRuns() async throws {
        let url = try PostgresServer.shared().makeDatabase()
        let (listener, other) = (try await Database.connect(url), try await Database.connect(url))
        let ear = Ear(listener, expecting: 2)
        try await listener.listen(to: ["c"], timeout: Database.patience)
        _ = try await other.table("SELECT pg_advisory_lock(1)")
        try await listener.prepare("p", "SELECT pg_advisory_lock(1)", timeout: Database.patience)
        var none = ParameterBuffer()
        try listener.send(prepared: "p", &none)
        try await other.until(
            "SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = \(listener.backendPID)")
        _ = try await other.table("NOTIFY c, 'a'; NOTIFY c, 'b'")
        _ = try await other.table("SELECT pg_advisory_unlock(1)")
        _ = try await listener.result(timeout: Database.patience)
        try await ear.full.wait(timeout: Database.patience)
        #expect(ear.heard == ["c a", "c b"])
    }

    @Loop @Test func namesAndPayloadsAreTakenAsTheyAre() async throws {
        let url = try PostgresServer.shared().makeDatabase()
        let (listener, other) = (try await Database.connect(url), try await Database.connect(url))
        let names = ["Weird \"Name\"", "a;b", "ü\\'", String(repeating: "n", count: 63)]
        let ear = Ear(listener, expecting: names.count + 1)
        try await listener.listen(to: names, timeout: Database.patience)
        try await other.prepare("p", "SELECT pg_notify($1, $2)", timeout: Database.patience)
        let long = String(repeating: "x", count: 7999)
        for (name, payload) in names.map({ ($0, "") }) + [("a;b", long)] {
            var parameters = ParameterBuffer([name, payload])
            try other.send(prepared: "p", &parameters)
            _ = try await other.result(timeout: Database.patience)
        }
        try await ear.full.wait(timeout: Database.patience)
        #expect(ear.heard == names.map { "\($0) " } + ["a;b \(long)"])
        for name in ["", String(repeating: "n", count: 64), "a\0b"] {
            let error = await Database.failure { try await listener.listen(to: [name], timeout: Database.patience) }
            #expect(error?.code == .misuse)
        }
    }

    @Loop @Test func itsReaderMayCloseTheConnection() async throws {
        let listener = try await Database.connect(PostgresServer.shared().makeDatabase())
        var count = 0
        listener.onNotifications = { [unowned listener] in
            while listener.nextNotification() != nil {
                count += 1
                listener.close()
            }
        }
        try await listener.listen(to: ["c"], timeout: Database.patience)
        let error = await Database.failure {
            _ = try await listener.table("SELECT pg_notify('c', i::text) FROM generate_series(1, 100) i")
            _ = try await listener.table("SELECT 1")
        }
        #expect(error?.code == .closed)
        #expect(count == 1)
    }
}
