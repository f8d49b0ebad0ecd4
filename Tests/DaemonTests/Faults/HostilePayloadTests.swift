import TestDaemon
import TestServers
import Testing

@Suite("Hostile payloads", .serialized)
struct HostilePayloadTests {
    private let body =
        Shop.body + """

            [regions.texts]
            [queries.text]
            region = "texts"
            params = ["text"]
            sql = "SELECT $1::text AS t"
            [channels.texts]
            payload = "text"
            refresh = [{ query = "text" }]
            """

    @Test("nothing that does not fit gets anywhere, and what does is data only")
    func hostile() throws {
        let site = try Site.shop(items: 50)
        let daemon = try site.daemon(body)
        let session = try site.session()
        for payload in [
            "'{\"id\": '", "'{}'", "'{\"id\": null}'", "'{\"id\": {\"id\": 1}}'", "'{\"id\": \"1; DROP TABLE items\"}'",
            "'{\"id\": 99999999999999999999}'", "repeat('[', 7999)", "repeat('{\"id\":', 1000)", "''",
            "repeat('x', 7999)", "'{\"id\": 1' || chr(27) || '[31m' || chr(10) || 'forged line}'", "'{\"id\": [1, 2]}'",
            "'{\"id\": \"' || repeat('9', 7000) || '\"}'", "'{\"id\": \"{1,2}\"}'", "chr(65279) || '{\"id\": 1}'",
        ] {
            let answer = try session.run("SELECT pg_notify('items_changed', \(payload))")
            #expect(!answer.contains("ERROR"), "the writer is never at fault: \(answer)")
        }
        try site.sql("UPDATE items SET v = v + 1")
        try daemon.converges(on: site)
        #expect(try daemon.metric("rekindle_bad_payloads_total", "channel=\"items_changed\"") >= 10)
        #expect(try daemon.status().named("items_changed", in: "channels", "last_fault") != nil)
        #expect(try daemon.answer("/healthz").status == 200)
        #expect(try site.sql("SELECT count(*) FROM items") == "50")
    }

    @Test("text of every kind becomes a key and comes back as it was")
    func texts() throws {
        let site = try Site.shop(items: 1)
        let daemon = try site.daemon(body)
        let texts = [
            "it's; DROP TABLE items --", "\"quoted\"", "{a,b}", "NULL", "\\", "tab\there", "line\nbreak", "é漢字🎈", " ",
            "esc\u{1b}[2J", String(repeating: "k", count: 7_999), "{1}\",\"{2", "%s%n", "a\r\n$3\r\nabc",
        ]
        for text in texts { try site.sql("SELECT pg_notify('texts', \(literal(text)))") }
        let client = try site.redisClient()
        for text in texts {
            let expected = try site.sql("SELECT json_build_object('t', \(literal(text)))::text")
            let squeezed = expected.replacing("{\"t\" : ", with: "{\"t\":")
            try daemon.eventually(squeezed) { try client.command("GET", "texts:\(text)").text ?? "" }
        }
    }

    @Test("a flood of bad payloads leaves few lines in the log, each of them one line")
    func flood() throws {
        let site = try Site.shop(items: 10)
        let daemon = try site.daemon(body)
        try site.sql(
            "SELECT pg_notify('items_changed', 'bad ' || chr(10) || chr(27) || n) FROM generate_series(1, 5000) n")
        try daemon.eventually(5000) { try daemon.metric("rekindle_bad_payloads_total") }
        let dropped = daemon.log.split(separator: "\n").count { $0.contains("payload dropped") }
        #expect((1...10).contains(dropped))
        #expect(!daemon.log.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(!daemon.log.contains("bad"), "payloads are not logged")
    }

    @Test("the key of a parked text is escaped in the log and in the status")
    func escapedKey() throws {
        let site = try Site.shop(items: 10)
        let daemon = try site.daemon(
            body.replacing("SELECT $1::text AS t", with: "SELECT 1 / (length($1::text) - 8) AS t"))
        try site.sql("SELECT pg_notify('texts', 'a' || chr(10) || chr(27) || '\"b=c ')")
        try daemon.eventually { daemon.log.contains("key parked") }
        #expect(!daemon.log.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(daemon.log.split(separator: "\n").allSatisfy { $0.first == "2" }, "no line is forged")
        #expect(try daemon.status()["parked.total"] == "1")
    }

    private func literal(_ text: String) -> String { "'\(text.replacing("'", with: "''"))'" }
}
