import RefreshService
import TestDaemon
import TestServers
import Testing

/// `GET /regions/REGION/KEY`: the cached value, or one that is made for however many ask.
struct ReadTests {
    @Test func readsWhatIsThereAndMakesWhatIsNot() throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(ControlShop.body)
        #expect(try daemon.read("/regions/items/item:1") == (200, ControlShop.value(1, "n1")))
        #expect(site.cli("EXISTS", "shop:item:150") == "0")
        let made = try Command.rekindle("get", "--socket", daemon.socketPath, "items", "item:150")
        #expect(made.exit == .code(0) && made.output == ControlShop.value(150, "n150") + "\n", "\(made.error)")
        #expect(site.cli("GET", "shop:item:150") == ControlShop.value(150, "n150"))
        #expect(try daemon.read("/regions/items/item:999") == (404, "the query has no row for this key\n"))
        #expect(try daemon.read("/regions/items/item:x") == (404, "no query of the region makes this key\n"))
        #expect(try daemon.read("/regions/items/passwords") == (404, "no query of the region makes this key\n"))
        #expect(try daemon.read("/regions/item/1").status == 404)
        #expect(try daemon.read("/regions/items/item%3A0150") == (200, ControlShop.value(150, "n150")))
        let missing = try Command.rekindle("get", "--socket", daemon.socketPath, "items", "item:999")
        #expect(missing.exit == .code(1) && missing.error.contains("no row"))
        #expect(try daemon.metric("rekindle_reads_total", "region=\"items\"", "result=\"created\"") == 1)
    }

    @Test(arguments: [("json", "null"), ("text", "")])
    func aRowThatIsNotThereReadsTheSameWhetherItCanBeStoredOrNot(format: String, null: String) throws {
        let site = try ControlShop.site()
        let daemon = try site.daemon(
            """
            [regions.r]
            format = "\(format)"
            [queries.q]
            region = "r"
            params = ["id"]
            result = "scalar"
            missing = "null"
            sql = "SELECT name FROM items WHERE id = $1"
            """)
        #expect(try daemon.read("/regions/r/999") == (200, null))
        #expect(site.cli("EXISTS", "r:999") == "1")
        #expect(try daemon.read("/regions/r/999") == (200, null))
        site.redis.stop()
        try daemon.eventually { try daemon.get("/healthz").contains("Redis") }
        #expect(try daemon.read("/regions/r/999") == (200, null))
        let metric = "rekindle_reads_total"
        for result in ["created", "hit", "computed"] {
            #expect(try daemon.metric(metric, "result=\"\(result)\"") == 1, "\(result)")
        }
    }

    /// One query, for all of them; and with Redis stopped they get the value, too.
    @Test(arguments: [true, false]) func aThousandClientsCauseOneQuery(redisIsUp: Bool) throws {
        let site = try ControlShop.site()
        try site.sql(
            """
            CREATE FUNCTION costly(int) RETURNS text LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(2), pg_notify('ran', ''); RETURN 'v' || $1; END $$
            """)
        let body = """
            [regions.r]
            [queries.q]
            region = "r"
            params = ["id"]
            result = "scalar"
            sql = "SELECT costly($1)"
            [channels.ran]
            """
        let daemon = try site.daemon(body)
        if !redisIsUp {
            site.redis.stop()
            try daemon.eventually { try daemon.get("/healthz").contains("Redis") }
        }
        let clients = 1_000
        let script = """
            import socket, sys
            path, count = sys.argv[1], int(sys.argv[2])
            clients = []
            for _ in range(count):
                s = socket.socket(socket.AF_UNIX)
                s.connect(path)
                clients.append(s)
            for s in clients:
                s.sendall(b"GET /regions/r/7 HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n")
            good = 0
            for s in clients:
                answer = b""
                while part := s.recv(65536):
                    answer += part
                good += answer.startswith(b"HTTP/1.1 200") and answer.endswith(b'"v7"')
            print(good)
            """
        let asked = try Command.run(["python3", "-c", script, daemon.socketPath, "\(clients)"], within: .seconds(60))
        #expect(asked.output == "\(clients)\n", "\(asked.error)")
        // The query itself tells how often it ran.
        try daemon.eventually(1) { try daemon.metric("rekindle_notifications_total", "channel=\"ran\"") }
    }
}
