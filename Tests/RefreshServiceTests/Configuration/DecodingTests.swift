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
}
