import RefreshService
import TestDaemon
import TestServers
import Testing

/// The soft clock: a value that is older is stale, is given all the same, and is made anew.
struct ClockTests {
    private static func body(_ region: String, sql: String = "SELECT id, name FROM items WHERE id = $1") -> String {
        """
        [regions.items]
        \(region)
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "\(sql)"
        warm = "SELECT id FROM items"
        [channels.ran]
        """
    }

    private static func site(_ count: Int = 20) throws -> Site {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); "
                + "INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, \(count)) i")
        return site
    }

    /// What a reader is told besides the value.
    private static func cacheWord(_ daemon: RunningDaemon, _ target: String) throws -> String {
        let answer = try Command.run([
            "curl", "-s", "-o", "/dev/null", "-D", "-", "--unix-socket", daemon.socketPath, "http://localhost\(target)",
        ])
        let line = answer.output.split(whereSeparator: \.isNewline).first {
            $0.lowercased().hasPrefix("rekindle-cache:")
        }
        return line.map { String($0.split(separator: " ")[1]) } ?? "none"
    }

    /// Five minutes of a value's life pass: Redis is told so.
    private static func age(_ site: Site, _ key: String, left: Int) { site.cli("PEXPIRE", key, "\(left)") }

    @Test(arguments: ["json", "hash", "text"]) func aStaleValueIsGivenAndMadeAnewBehindTheAnswer(
        format: String
    ) throws {
        let site = try Self.site()
        let isText = format == "text"
        let daemon = try site.daemon(
            Self.body(
                "ttl = \"1h\"\nstale_after = \"5m\"\nrefresh_ahead = \"0\"\nformat = \"\(format)\"",
                sql:
                    "SELECT \(isText ? "" : "id, ")name FROM items WHERE id = $1\"\nresult = \"\(isText ? "scalar" : "row")"
            )
        )
        #expect(try Self.cacheWord(daemon, "/regions/items/3") == "hit")
        try site.sql("UPDATE items SET name = 'later' WHERE id = 3")
        Self.age(site, "items:3", left: 3_301_000)
        #expect(try Self.cacheWord(daemon, "/regions/items/3") == "hit", "299 seconds old")
        Self.age(site, "items:3", left: 3_299_000)
        let stale = try daemon.read("/regions/items/3")
        #expect(stale.status == 200 && stale.text.contains("n3"))
        try daemon.eventually { try daemon.read("/regions/items/3").text.contains("later") }
        #expect(try Self.cacheWord(daemon, "/regions/items/3") == "hit")
        #expect(try daemon.metric("rekindle_reads_total", "result=\"stale\"") >= 1)
    }

    /// The reader's key tells the query, where the key in Redis is a digest.
    @Test(arguments: [
        ("", "items:3"), (#"mangler = "md5""#, "items:eccbc87e4b5ce2fe28308fd9f2a7baf3"),
    ])
    func theAgeOfADogpileValueIsInItsMetadata(mangler: String, key: String) throws {
        let site = try Self.site()
        let daemon = try site.daemon(
            Self.body("stale_after = \"5m\"\nrefresh_ahead = \"0\"\nformat = \"dogpile\"\n\(mangler)"))
        #expect(try Self.cacheWord(daemon, "/regions/items/3") == "hit")
        site.cli("SET", key, #"{"ct": 1760000000.5, "v": 2}|{"id":3,"name":"old"}"#)
        #expect(try daemon.read("/regions/items/3").text == #"{"id":3,"name":"old"}"#)
        try daemon.eventually(#"{"id":3,"name":"n3"}"#) { try daemon.read("/regions/items/3").text }
    }

    /// However many ask, and whenever they are told what Redis held.
    @Test func aThousandReadersOfAStaleValueCauseOneQuery() throws {
        let site = try Self.site()
        try site.sql(
            """
            CREATE FUNCTION costly(int) RETURNS text LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_notify('ran', ''); PERFORM pg_sleep(0.2); RETURN 'v' || $1; END $$
            """)
        let daemon = try site.daemon(
            """
            [regions.r]
            ttl = "1h"
            stale_after = "5m"
            refresh_ahead = "0"
            [queries.q]
            region = "r"
            params = ["id"]
            result = "scalar"
            sql = "SELECT costly($1)"
            [channels.ran]
            """)
        #expect(try daemon.read("/regions/r/7").text == "\"v7\"")
        try daemon.eventually(1) { try daemon.metric("rekindle_notifications_total", "channel=\"ran\"") }
        Self.age(site, "r:7", left: 1_000_000)
        let script = """
            import socket, sys
            path, count = sys.argv[1], int(sys.argv[2])
            good = 0
            for _ in range(4):
                clients = []
                for _ in range(count // 4):
                    s = socket.socket(socket.AF_UNIX)
                    s.connect(path)
                    clients.append(s)
                for s in clients:
                    s.sendall(b"GET /regions/r/7 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
                for s in clients:
                    answer = b""
                    while part := s.recv(65536):
                        answer += part
                    good += answer.startswith(b"HTTP/1.1 200") and answer.endswith(b'"v7"')
            print(good)
            """
        let asked = try Command.run(["python3", "-c", script, daemon.socketPath, "1000"], within: .seconds(60))
        #expect(asked.output == "1000\n", "\(asked.error)")
        try daemon.eventually { Int(site.cli("PTTL", "r:7")) ?? 0 > 3_000_000 }
        try daemon.eventually(2) { try daemon.metric("rekindle_notifications_total", "channel=\"ran\"") }
        #expect(try Self.cacheWord(daemon, "/regions/r/7") == "hit")
        #expect(try daemon.metric("rekindle_notifications_total", "channel=\"ran\"") == 2)
    }
}
