import TestDaemon
import TestServers
import Testing

/// Values that dogpile.cache reads.
struct DogpileTests {
    /// A Python with dogpile.cache and redis, kept between runs; nil when it can not be had.
    private static let python: String? = {
        let folder = "/tmp/rekindle-dogpile"
        let imports = ["-c", "import dogpile.cache, redis"]
        func works() -> Bool { (try? Command.run(["\(folder)/bin/python"] + imports))?.exit == .code(0) }
        if works() { return "\(folder)/bin/python" }
        let commands = [
            ["python3", "-m", "venv", folder], ["\(folder)/bin/pip", "install", "-q", "dogpile.cache", "redis"],
        ]
        for command in commands { _ = try? Command.run(command, within: .seconds(60)) }
        return works() ? "\(folder)/bin/python" : nil
    }()

    private static let script = """
        import sys, json
        from dogpile.cache import make_region
        from dogpile.cache.api import NO_VALUE
        region = make_region(serializer=lambda v: json.dumps(v).encode(), deserializer=json.loads).configure(
            "dogpile.cache.redis", expiration_time=60, arguments={"url": "unix://" + sys.argv[1]},
        )
        for key in sys.argv[2:]:
            value = region.get(key)
            print("no value" if value is NO_VALUE else json.dumps(value))
        made = region.get_or_create(sys.argv[2], lambda: "made by the reader")
        print(json.dumps(made))
        print("expired" if region.get(sys.argv[2], expiration_time=0) is NO_VALUE else "fresh")
        """

    @Test(.enabled("no dogpile.cache: pip can not install it") { python != nil })
    func dogpileReadsWhatTheDaemonStores() throws {
        let python = try #require(Self.python)
        let site = try Site()
        try site.sql("CREATE TABLE items (id int PRIMARY KEY, name text); INSERT INTO items VALUES (1, 'a|b \"é\"')")
        let daemon = try site.daemon(
            """
            [regions.items]
            prefix = "items:"
            format = "dogpile"
            ttl = "1h"
            [queries.item]
            region = "items"
            params = ["id"]
            missing = "null"
            sql = "SELECT id, name FROM items WHERE id = $1"
            [channels.changed]
            refresh = [{ query = "item", params = { id = "id" } }]
            """)
        try site.sql(#"NOTIFY changed, '{"id":1}'; NOTIFY changed, '{"id":2}'"#)
        try daemon.eventually("2") { site.cli("EXISTS", "items:1", "items:2") }
        let read = try Command.run([python, "-c", Self.script, site.redis.socketPath, "items:1", "items:2", "items:3"])
        #expect(read.exit == .code(0), "\(read.error)")
        let value = #"{"id": 1, "name": "a|b \"\u00e9\""}"#
        // Present, null, absent; not created by the reader, for it is fresh; and expired by the reader's own time.
        #expect(read.output.split(separator: "\n").map(String.init) == [value, "null", "no value", value, "expired"])
        // Made longer ago than the reader's expiration_time allows: it computes the value itself.
        let stored = site.cli("GET", "items:1")
        let made = try #require(stored.split(separator: "|", maxSplits: 1).first)
        let created = try #require(try Document(String(made))["ct"].flatMap { Double($0) })
        site.cli("SET", "items:1", stored.replacing(String(made), with: "{\"ct\": \(created - 61), \"v\": 2}"))
        let stale = try Command.run([python, "-c", Self.script, site.redis.socketPath, "items:1"])
        let own = "\"made by the reader\""
        #expect(stale.output == "no value\n\(own)\nexpired\n", "\(stale.error)\(daemon.log)")
    }
}
