import TestDaemon
import TestServers
import Testing

/// Databases that are not in UTF-8: what is stored is, and what can not be is parked.
@Suite("Encodings")
struct EncodingTests {
    private static func body(format: String) -> String {
        """
        [regions.r]
        prefix = "r:"
        format = "\(format)"
        [queries.q]
        region = "r"
        params = ["name"]
        key = "{name}"
        sql = "SELECT name, body FROM items WHERE name = $1"
        [channels.c]
        payload = "text"
        refresh = [{ query = "q" }]
        """
    }

    /// An encoding, what is stored in it as bytes, and the same as text.
    @Test(
        "values and parameters are converted",
        arguments: [
            ("LATIN1", #"\xe9"#, "é"), ("LATIN9", #"\xa4"#, "€"), ("WIN1251", #"\xc6"#, "Ж"),
            ("EUC_JP", #"\xc6\xfc"#, "日"), ("EUC_KR", #"\xc7\xd1"#, "한"),
        ], ["json", "hash"])
    func converted(encoding: (String, bytes: String, text: String), format: String) throws {
        let site = try Site(database: "ENCODING '\(encoding.0)' LOCALE 'C' TEMPLATE template0")
        // The shell's psql sends what it is given: bytes of the database's encoding, as escapes.
        try site.sql(
            """
            CREATE TABLE items (name text PRIMARY KEY, body text);
            INSERT INTO items VALUES (E'\(encoding.bytes)', E'<\(encoding.bytes)>')
            """)
        let daemon = try site.daemon(Self.body(format: format))
        try site.sql("SELECT pg_notify('c', E'\(encoding.bytes)')")
        let (key, body) = ("r:\(encoding.text)", "<\(encoding.text)>")
        if format == "hash" {
            try daemon.eventually(.text(body)) { try site.redisClient().command("HGET", key, "body") }
        } else {
            let value = #"{"name":"\#(encoding.text)","body":"\#(body)"}"#
            try daemon.eventually(.text(value)) { try site.redisClient().command("GET", key) }
        }
        // What the encoding does not have is no row, and no fault of others.
        #expect(try daemon.metric("rekindle_bad_payloads_total") == 0)
    }

    @Test("bytes that are no UTF-8 in a database without an encoding are parked; the others go on")
    func withoutEncoding() throws {
        let site = try Site(database: "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        try site.sql(
            """
            CREATE TABLE items (name text PRIMARY KEY, body text);
            INSERT INTO items SELECT i, i FROM generate_series(1, 8) i;
            UPDATE items SET body = E'\\xe9t\\xe9' WHERE name = '3';
            UPDATE items SET body = E'\\xc3\\xa9' WHERE name = '4'
            """)
        let daemon = try site.daemon(Self.body(format: "json"))
        try site.sql("SELECT pg_notify('c', i::text) FROM generate_series(1, 8) i")
        try daemon.eventually("r:3") { try daemon.status()["parked.keys.0.key"] }
        try daemon.eventually(7) { try site.redisClient().command("DBSIZE").number.map { $0 - 2 } }
        let failure = try daemon.status()["parked.keys.0.failure"] ?? ""
        #expect(failure.contains("character_not_in_repertoire (SQLSTATE 22021)"), "\(failure)")
        #expect(!daemon.log.contains("0xe9"), "no data in the log")
        #expect(try site.redisClient().command("GET", "r:4") == .text(#"{"name":"4","body":"é"}"#))
        try site.sql("UPDATE items SET body = 'plain' WHERE name = '3'; NOTIFY c, '3'")
        try daemon.eventually(.text(#"{"name":"3","body":"plain"}"#)) { try site.redisClient().command("GET", "r:3") }
    }

    @Test("an encoding that Postgres can not convert to UTF-8 is told of")
    func withoutConversion() throws {
        let site = try Site(database: "ENCODING 'MULE_INTERNAL' LOCALE 'C' TEMPLATE template0")
        let daemon = try site.start(.init(Self.body(format: "json")))
        try daemon.eventually {
            daemon.log.contains("conversion between UTF8 and MULE_INTERNAL is not supported")
        }
        #expect(daemon.readiness == 503)
    }

    @Test("a notification that is no UTF-8 costs the listener its session, and a resync follows")
    func notification() throws {
        let site = try Site(database: "ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
        try site.sql("CREATE TABLE items (name text PRIMARY KEY, body text); INSERT INTO items VALUES ('a', 'one')")
        let daemon = try site.daemon(Self.body(format: "json"))
        try site.sql("NOTIFY c, 'a'")
        try daemon.eventually("1") { site.cli("EXISTS", "r:a") }
        try site.sql("UPDATE items SET body = 'two'; SELECT pg_notify('c', E'\\xe9'); SELECT pg_notify('c', 'a')")
        try daemon.eventually(#"{"name":"a","body":"two"}"#, within: .seconds(20)) { site.cli("GET", "r:a") }
        try daemon.eventually(200, within: .seconds(20)) { daemon.readiness ?? 0 }
    }
}
