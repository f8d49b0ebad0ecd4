import RefreshCore
import RefreshService
import Testing

@Suite("What a good configuration becomes")
struct DecodingTests {
    @Test("an empty file is all defaults")
    func defaults() throws {
        let configuration = try Configuration.load(text: "", file: "f")
        #expect(configuration.service.name == "rekindle")
        #expect(configuration.service.ready == .warm)
        #expect(configuration.service.logLevel == .info)
        #expect(configuration.service.queueBytes == 32 << 20)
        #expect(configuration.service.drainTimeout == .seconds(10))
        #expect(configuration.service.heartbeat == .seconds(1))
        #expect(configuration.postgres.url.conninfo == "")
        #expect(configuration.postgres.workers == 2)
        #expect(configuration.postgres.statementTimeout == .seconds(30))
        #expect(configuration.postgres.password == nil)
        #expect(configuration.redis.url.endpoint == .unix("/run/redis/redis-server.sock"))
        #expect(configuration.redis.url.database == 0)
        #expect(configuration.redis.password == nil)
        #expect(configuration.health.socket == "/run/rekindle/rekindle.sock")
        #expect(configuration.health.listen == nil)
        #expect(configuration.sampler == .init(interval: .seconds(5), delays: [.seconds(1), .seconds(10)]))
        #expect(configuration.tables.isEmpty)
        #expect(configuration.registry == Registry(regions: [], queries: [], channels: []))
        #expect(configuration.warnings.map(\.description) == ["f: no channel is configured, so nothing is listened to"])
    }

    @Test("regions, queries and channels get their defaults, in the order of the file")
    func registryDefaults() throws {
        let text = """
            [regions.z]
            [regions."a b"]
            ttl = "0s"
            [queries.item]
            region = "z"
            params = ["id", "kind"]
            sql = "SELECT 1"
            [queries."{all}"]
            region = "z"
            sql = "SELECT 2"
            result = "rows"
            [channels.changed]
            refresh = [{ query = "item", params = { kind = "row.kind", id = "ids.0" } }, { query = "{all}" }]
            invalidate = [{ region = "a b" }]
            publish = [{ channel = "c" }]
            """
        let configuration = try Configuration.load(text: text, file: "f")
        #expect(configuration.warnings.isEmpty)
        let registry = configuration.registry
        let z = RegionName("z")
        #expect(
            registry.regions == [
                Region(name: z, prefix: "z:", ttlMilliseconds: nil, format: .json, onGap: .refresh),
                Region(name: RegionName("a b"), prefix: "a b:", ttlMilliseconds: nil, format: .json, onGap: .refresh),
            ])
        #expect(
            registry.queries == [
                Query(
                    name: QueryName("item"), region: z, key: try KeyTemplate("{id}:{kind}"),
                    parameters: ["id", "kind"], sql: "SELECT 1", result: .row, missing: .delete, warm: nil),
                Query(
                    name: QueryName("{all}"), region: z, key: try KeyTemplate("{{all}}"), parameters: [],
                    sql: "SELECT 2", result: .rows, missing: .empty, warm: nil),
            ])
        #expect(
            registry.channels == [
                Channel(
                    name: ChannelName("changed"), payload: .json,
                    refresh: [
                        RefreshRule(
                            query: QueryName("item"), sources: [.json(["ids", "0"]), .json(["row", "kind"])]),
                        RefreshRule(query: QueryName("{all}"), sources: []),
                    ],
                    invalidate: [InvalidateRule(region: RegionName("a b"), key: nil, sources: [])],
                    publish: [Route(target: .channel("c"), after: .refresh, body: .payload)])
            ])
    }

    @Test("the soft clock of a region, its defaults, and what it takes")
    func freshness() throws {
        let text = """
            [regions.a]
            ttl = "1h"
            stale_after = "5m"
            [regions.b]
            format = "dogpile"
            stale_after = "90s"
            refresh_ahead = "25%"
            refresh_budget = 7
            [regions.c]
            ttl = "1h"
            stale_after = "59m"
            refresh_ahead = "0"
            keep = "while_read"
            [queries.q]
            region = "a"
            sql = "SELECT 1"
            [queries.r]
            region = "c"
            sql = "SELECT 1"
            [channels.none]
            publish = [{ channel = "x" }]
            """
        let configuration = try Configuration.load(text: text, file: "f")
        #expect(
            configuration.registry.regions.map(\.freshness) == [
                Freshness(staleAfter: .seconds(300), ahead: .seconds(30), budget: 100, keep: .always),
                Freshness(staleAfter: .seconds(90), ahead: .milliseconds(22_500), budget: 7, keep: .always),
                Freshness(staleAfter: .seconds(3_540), ahead: .seconds(0), budget: 100, keep: .whileRead),
            ])
        // What is refreshed ahead needs no channel.
        #expect(
            configuration.warnings.map(\.description) == [
                #"f:4:10: region "b" has no query and no invalidate rule, so it stays empty"#,
                #"f:17:10: no channel refreshes query "r", so its values grow old"#,
            ])
    }

    @Test("csv takes indexes as numbers or texts, text the payload without being asked")
    func sources() throws {
        let text =
            shop + """
                [channels.csv]
                payload = "csv"
                refresh = [{ query = "item", params = { id = 2 } }, { query = "item", params = { id = "0" } }]
                [channels.text]
                payload = "text"
                refresh = [{ query = "item" }, { query = "item", params = { id = "payload" } }]
                invalidate = [{ region = "items", key = "x:{y}" }]
                publish = [{ stream = "s", maxlen = 5, after = "receive", body = "envelope" }]
                """
        let channels = try Configuration.load(text: text, file: "f").registry.channels
        #expect(channels[1].refresh.map(\.sources) == [[.field(2)], [.field(0)]])
        #expect(channels[2].refresh.map(\.sources) == [[.payload], [.payload]])
        #expect(channels[2].invalidate.map(\.sources) == [[.payload]])
        #expect(channels[2].publish == [Route(target: .stream("s", maxlen: 5), after: .receive, body: .envelope)])
    }

    @Test("settings are taken over")
    func settings() throws {
        let text = """
            [service]
            name = "shop@1"
            ready = "listening"
            log_level = "debug"
            queue_bytes = "10MB"
            drain_timeout = "0s"
            heartbeat = "250ms"
            [postgres]
            url = "postgresql:///shop"
            workers = 64
            statement_timeout = "5m"
            [redis]
            url = "redis://me@[::1]:7000/3"
            [health]
            socket = "/tmp/x"
            listen = "[::1]:9187"
            [sampler]
            interval = "0s"
            delays = ["250ms"]
            """
        let configuration = try Configuration.load(text: text, file: "f")
        #expect(configuration.service.name == "shop@1")
        #expect(configuration.service.ready == .listening)
        #expect(configuration.service.logLevel == .debug)
        #expect(configuration.service.queueBytes == 10_000_000)
        #expect(configuration.service.drainTimeout == .zero)
        #expect(configuration.service.heartbeat == .milliseconds(250))
        #expect(configuration.postgres.url.description == "postgresql:///shop")
        #expect(configuration.postgres.workers == 64)
        #expect(configuration.postgres.statementTimeout == .seconds(300))
        #expect(configuration.redis.url.endpoint == .tcp(host: "::1", port: 7000))
        #expect(configuration.redis.url.user == "me")
        #expect(configuration.redis.url.database == 3)
        #expect(configuration.redis.url.description == "redis://[::1]:7000/3")
        #expect(configuration.health.socket == "/tmp/x")
        #expect(configuration.health.listen == ListenAddress(host: "::1", port: 9187))
        #expect(configuration.sampler == .init(interval: nil, delays: [.milliseconds(250)]))
    }

    @Test("a fault causes no warning that is not true, and hides none that is")
    func warningsBesideFaults() {
        let text =
            shop + """
                [channels.log]
                publish = [{ stream = "s", after = "x" }]
                [queries.other]
                region = "items"
                sql = "SELECT 1"
                [channels.other]
                refresh = [{ qery = "other" }]
                """
        let error = #expect(throws: ConfigurationError.self) { try Configuration.load(text: text, file: "f") }
        #expect(error?.faults.count == 3)
        #expect(
            error?.warnings.map(\.description) == [
                "f:9:14: stream has no maxlen beside it, so nothing trims the stream and it fills Redis"
            ])
    }

    @Test("a region of digests alone, and a lock shorter than a statement, are warned of")
    func dogpileWarnings() throws {
        let text = """
            [postgres]
            statement_timeout = "10s"
            [regions.r]
            prefix = ""
            format = "dogpile"
            mangler = "sha1"
            locks = true
            lock_timeout = "9s"
            [channels.c]
            invalidate = [{ region = "r" }]
            """
        #expect(
            try warningLines(text) == [
                "f:3:10: lock_timeout of region \"r\" is shorter than statement_timeout of [postgres], so a refresh may "
                    + "outlive its lock",
                "f:4:1: prefix is empty, so every key of Redis that is 40 hexadecimal digits is taken for the region's",
            ])
        let region = try Configuration.load(text: text, file: "f").registry.regions[0]
        #expect(region.mangler == KeyMangler(.sha1) && region.onGap == .delete)
        #expect(
            region.locks
                == LockPolicy(prefix: "_lock", timeoutMilliseconds: 9_000, patience: .milliseconds(60_000)))
    }

    @Test("what is seldom meant is a warning")
    func warnings() throws {
        let text =
            shop + """
                [regions.lone]
                prefix = "item"
                [regions."items:new"]
                [queries.old]
                region = "items:new"
                sql = "SELECT 1"
                [channels.idle]
                [channels.log]
                publish = [{ stream = "s" }]
                """
        #expect(
            try warningLines(text) == [
                #"f:1:10: the prefix of region "items" begins with that of region "lone", so what deletes all keys "#
                    + "of that one deletes these too",
                #"f:8:10: region "lone" has no query and no invalidate rule, so it stays empty"#,
                #"f:10:10: the prefix of region "items:new" begins with that of region "items", so what deletes "#
                    + "all keys of that one deletes these too",
                #"f:10:10: the prefix of region "items:new" begins with that of region "lone", so what deletes "#
                    + "all keys of that one deletes these too",
                #"f:11:10: no channel refreshes query "old", so its values grow old"#,
                "f:16:14: stream has no maxlen beside it, so nothing trims the stream and it fills Redis",
            ])
    }

    @Test("a value is as large as its region says; dogpile's metadata need some of what Redis takes")
    func largestValue() throws {
        let text = """
            [regions.a]
            [regions.b]
            max_value = "1KiB"
            [regions.c]
            max_value = "512MiB"
            [regions.d]
            max_value = "512MiB"
            format = "dogpile"
            """
        let regions = try Configuration.load(text: text, file: "f").registry.regions
        #expect(regions.map(\.largestValue) == [64 << 20, 1 << 10, 512 << 20, (512 << 20) - 64])
        let refused = #expect(throws: ConfigurationError.self) {
            try Configuration.load(text: "[regions.a]\nmax_value = \"1GiB\"", file: "f")
        }
        #expect(
            refused?.faults.map(\.description) == ["f:2:1: max_value must be between 1KiB and 512MiB"])
    }
}

@Suite("Queries by key")
struct ByKeyDecodingTests {
    private func faults(_ text: String) throws -> String {
        do {
            _ = try Configuration.load(text: text, file: "f")
            return ""
        } catch {
            return "\(error)"
        }
    }

    @Test("the row of a key is asked for by the columns that make it")
    func sql() throws {
        let query = try Configuration.load(
            text: """
                [regions.r]
                [queries.q]
                region = "r"
                key = "{a b}-{c}"
                result = "by_key"
                sql = "SELECT 1 AS \\"a b\\", 2 AS c -- all;"
                """, file: "f"
        ).registry.queries[0]
        #expect(query.parameters == ["a b", "c"])
        #expect(query.all == "SELECT 1 AS \"a b\", 2 AS c -- all;")
        #expect(
            query.sql
                == "SELECT * FROM (SELECT 1 AS \"a b\", 2 AS c -- all\n) AS _by_key WHERE _by_key.\"a b\" = $1 AND _by_key.\"c\" = $2"
        )
    }

    @Test("it has its region to itself, names a column, and takes no parameters")
    func refused() throws {
        let text = try faults(
            """
            [regions.r]
            [regions.h]
            format = "hash"
            [queries.q]
            region = "r"
            key = "all"
            params = ["id"]
            result = "by_key"
            sql = "SELECT 1 AS id"
            [queries.p]
            region = "r"
            sql = "SELECT 1"
            [queries.h]
            region = "h"
            key = "{id}"
            result = "by_key"
            sql = "SELECT 1 AS id"
            """)
        #expect(text.contains(#"f:7:1: params can not stand beside result = "by_key""#))
        #expect(text.contains(#"f:6:1: key must name a column in braces"#))
        #expect(text.contains(#"f:16:1: result can not be "by_key", as region "h" has format = "hash""#))
        #expect(text.contains(#"needs a region of its own, but query "p" fills "r" too"#))
    }
}
