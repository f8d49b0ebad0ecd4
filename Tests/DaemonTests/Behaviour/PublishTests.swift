import TestDaemon
import Testing

/// What subscribers hear, and when.
struct PublishTests {
    private static func body(_ routes: String) -> String {
        """
        [regions.r]
        prefix = "r:"
        [queries.q]
        region = "r"
        params = ["id"]
        result = "scalar"
        sql = "SELECT version FROM items WHERE id = $1"
        [channels.changed]
        refresh = [{ query = "q", params = { id = "id" } }]
        publish = [\(routes)]
        """
    }

    private func site() throws -> Site {
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, version int)")
        try site.sql("INSERT INTO items SELECT i, 0 FROM generate_series(1, 5) i")
        return site
    }

    /// Commits updates of item after item, each with its notification, with pauses that let the daemon overlap them.
    private static func update(_ count: Int) -> String {
        """
        DO $$
        BEGIN
            FOR i IN 1..\(count) LOOP
                UPDATE items SET version = i WHERE id = i % 5 + 1;
                PERFORM pg_notify('changed', json_build_object('id', i % 5 + 1, 'version', i)::text);
                COMMIT;
                IF i % 7 = 0 THEN PERFORM pg_sleep(0.001); END IF;
            END LOOP;
        END $$
        """
    }

    @Test func whoReadsOnHearingTheEventFindsTheNewValue() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body(#"{ channel = "told", after = "refresh" }"#))
        let subscriber = try site.redisClient()
        let reader = try site.redisClient()
        try subscriber.subscribe("told")
        let writer = try site.session()
        try writer.send(Self.update(500))
        for number in 1...500 {
            let event = try Document(subscriber.message())
            let value = try reader.command("GET", "r:\(event["id"] ?? "")").text
            let found = value.flatMap { Int($0) } ?? -1
            let told = event["version"].flatMap { Int($0) } ?? .max
            try #require(found >= told, "event \(number): \(event)\n\(daemon.log)")
        }
        #expect(try writer.wait() == "")
        #expect(try daemon.metric("rekindle_messages_published_total") == 500)
    }

    /// The refresh can not run, for its table is locked; the event comes nevertheless.
    @Test func afterReceiveDoesNotWaitForTheRefresh() throws {
        let site = try site()
        let daemon = try site.daemon(
            Self.body(#"{ channel = "early", after = "receive" }, { channel = "late", after = "refresh" }"#))
        let subscriber = try site.redisClient()
        try subscriber.subscribe("early")
        try subscriber.subscribe("late")
        let blocker = try site.session()
        try blocker.run("BEGIN; LOCK TABLE items")
        try site.sql(#"NOTIFY changed, '{"id":1}'"#)
        #expect(try subscriber.next().list.compactMap(\.text) == ["message", "early", #"{"id":1}"#])
        #expect(site.cli("EXISTS", "r:1") == "0")
        try blocker.run("COMMIT")
        #expect(try subscriber.next().list.compactMap(\.text) == ["message", "late", #"{"id":1}"#])
        #expect(site.cli("GET", "r:1") == "0", "\(daemon.log)")
    }

    @Test func aChannelMayOnlyPublish() throws {
        let site = try site()
        let daemon = try site.daemon(
            """
            [channels.plain]
            publish = [{ channel = "told", after = "refresh" }]
            """)
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        let long = String(repeating: "x", count: 7_999)
        for payload in ["", "not JSON", "a b \"c\" \\", long] {
            try site.sql("SELECT pg_notify('plain', '\(payload)')")
            #expect(try subscriber.message() == payload, "\(daemon.log)")
        }
    }

    @Test func whoHearsOfAnInvalidationFindsTheKeysGone() throws {
        let site = try site()
        let daemon = try site.daemon(
            """
            [regions.r]
            prefix = "r:"
            [channels.one]
            payload = "text"
            invalidate = [{ region = "r", key = "{id}", params = { id = "payload" } }]
            publish = [{ channel = "told" }]
            [channels.all]
            invalidate = [{ region = "r" }]
            publish = [{ channel = "told" }]
            """)
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        let client = try site.redisClient()
        for round in 1...20 {
            try client.command("EVAL", "for i = 1, 2000 do redis.call('SET', 'r:' .. i, i) end", "0")
            try site.sql("SELECT pg_notify('one', '\(round)')")
            _ = try subscriber.message()
            try #require(try client.command("EXISTS", "r:\(round)") == .number(0), "\(daemon.log)")
            try site.sql("SELECT pg_notify('all', '')")
            _ = try subscriber.message()
            let left = try client.command("EVAL", "return #redis.call('KEYS', 'r:*')", "0")
            try #require(left == .number(0), "round \(round)\n\(daemon.log)")
        }
    }

    @Test func aStreamKeepsItsOrderAndIsTrimmed() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body(#"{ stream = "log", maxlen = 100, after = "receive" }"#))
        try site.session().run(Self.update(1000))
        try daemon.eventually(1000) { try daemon.metric("rekindle_messages_published_total") }
        let length = Int(site.cli("XLEN", "log")) ?? 0
        // Trimming is by whole nodes of the stream, of 100 entries.
        #expect((100...200).contains(length))
        let last = try site.redisClient().command("XREVRANGE", "log", "+", "-", "COUNT", "100")
        let versions = try last.list.map { entry in
            let fields = entry.list.last?.list ?? []
            #expect(fields.first == .text("payload"))
            return try Document(fields.last?.text ?? "")["version"]
        }
        #expect(versions == (901...1000).reversed().map { "\($0)" })
    }

    @Test func anEnvelopeTellsChannelKeyAndAContiguousSequence() throws {
        let site = try site()
        let daemon = try site.daemon(Self.body(#"{ channel = "told", body = "envelope", after = "receive" }"#))
        let subscriber = try site.redisClient()
        try subscriber.subscribe("told")
        try site.session().run(Self.update(50))
        var epochs: Set<String?> = []
        for number in 1...50 {
            let event = try Document(subscriber.message())
            #expect(event["channel"] == "changed")
            #expect(event["key"] == "r:\(number % 5 + 1)")
            #expect(event["sequence"] == "\(number)")
            #expect(try Document(event["payload"] ?? "")["version"] == "\(number)")
            #expect(event["time"]?.count ?? 0 >= 20)
            epochs.insert(event["epoch"])
        }
        #expect(epochs.count == 1 && epochs.first??.isEmpty == false, "\(daemon.log)")
    }
}
