import Glibc
import RefreshService
import TestDaemon
import TestServers
import Testing

/// The sample that fault tests use: items with a counter that only grows, each of which has a key.
enum Shop {
    /// Region, query and channel; the prefix is `items:`.
    static let body = """
        [regions.items]
        prefix = "items:"
        [queries.item]
        region = "items"
        params = ["id"]
        sql = "SELECT id, name, v FROM items WHERE id = $1"
        warm = "SELECT id FROM items"
        [channels.items_changed]
        refresh = [{ query = "item", params = { id = "id" } }]
        """

    /// The table with so many rows, and the trigger that notifies.
    static func schema(items: Int) -> String {
        """
        CREATE TABLE items (id int PRIMARY KEY, name text, v bigint NOT NULL DEFAULT 0);
        INSERT INTO items SELECT n, 'item ' || n FROM generate_series(1, \(items)) n;
        CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('items_changed', json_build_object('id', coalesce(NEW.id, OLD.id))::text);
            RETURN NULL;
        END $$;
        CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON items FOR EACH ROW EXECUTE FUNCTION tell()
        """
    }
}

extension Site {
    /// A site with the shop's table in it.
    static func shop(
        items: Int, ownPostgres: Bool = false, redis: RedisServer.Options = .init()
    ) throws -> Site {
        let site = try Site(postgres: ownPostgres ? .start() : nil, redis: redis)
        try site.sql(Shop.schema(items: items))
        return site
    }

    /// How the cache differs from the database, or from that of another URL: every key of the shop is compared; empty
    /// when nothing does.
    func differences(from url: String? = nil) throws -> String {
        let rows = try postgres.sql(
            "SELECT id || '=' || to_json(q)::text FROM (SELECT id, name, v FROM items) q ORDER BY id",
            url: url ?? databaseURL)
        var expected: [String: String] = [:]
        for row in rows.split(separator: "\n") {
            let parts = row.split(separator: "=", maxSplits: 1)
            expected["items:\(parts[0])"] = String(parts[1])
        }
        let found = try cached(Array(expected.keys))
        var differences = expected.filter { found[$0.key] != $0.value }
            .map { "\($0.key) is \(found[$0.key] ?? "absent"), not \($0.value)" }.sorted()
        let count = expected.count
        if case .number(let keys) = try redisClient().command("EVAL", "return #redis.call('KEYS', 'items:*')", "0"),
            keys != count
        {
            differences.append("\(keys) keys, not \(count)")
        }
        return differences.isEmpty ? "" : "\(differences.count) differ: \(differences.prefix(5))"
    }

    private func cached(_ keys: [String]) throws -> [String: String] {
        let client = try redisClient()
        var found: [String: String] = [:]
        for start in stride(from: 0, to: keys.count, by: 1000) {
            let part = Array(keys[start..<min(start + 1000, keys.count)])
            try client.send(["MGET"] + part)
            for (key, value) in zip(part, try client.next().list) { found[key] = value.text }
        }
        return found
    }

    /// The name of the test's database.
    var databaseName: String {
        String(databaseURL.drop { $0 != ":" }.drop { ":/".contains($0) }.prefix { $0 != "?" })
    }

    /// Ends every session that daemons have on the test's database.
    func terminateDaemonSessions() throws {
        try sql(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name LIKE 'rekindle %'
            """)
    }
}

extension RunningDaemon {
    /// Waits until every key equals its query.
    func converges(
        on site: Site, url: String? = nil, within limit: Duration = .seconds(15),
        at place: SourceLocation = #_sourceLocation
    ) throws {
        try eventually("", within: limit, file: place.fileID, line: place.line) {
            (try? site.differences(from: url)) ?? "not comparable yet"
        }
    }

    /// What an endpoint answers: the status and the text.
    func answer(_ target: String) throws -> (status: Int, text: String) {
        do {
            let reply = try HealthClient(path: socketPath).get(target)
            return (reply.status, String(decoding: reply.body, as: UTF8.self))
        } catch {
            throw Trouble("\(target): \(error)\n\(log)")
        }
    }

    /// The processor time it has used, in seconds.
    var processorSeconds: Double {
        let fields = Files.read("/proc/\(id)/stat").split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return .nan }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}

extension RunningDaemon {
    /// The share of a processor that it uses from now on for so long.
    func processorShare(of time: Duration) throws -> Double {
        let (begin, used) = (ContinuousClock.now, processorSeconds)
        try TestDaemon.eventually(within: time + .seconds(5)) { ContinuousClock.now - begin >= time }
        return (processorSeconds - used) / (ContinuousClock.now - begin).seconds
    }

    /// Its resident memory in KiB, now and at most so far.
    var residentKiB: Int { procStatus("VmRSS") }
    var mostResidentKiB: Int { procStatus("VmHWM") }
    /// That part of it which is no file's: neither code nor constants.
    var ownKiB: Int { procStatus("RssAnon") }

    /// How often it has gone to sleep.
    var sleeps: Int {
        tasks.reduce(0) { $0 + Self.number("voluntary_ctxt_switches", in: "/proc/\(id)/task/\($1)/status") }
    }

    /// The policy by which the kernel schedules the thread of its loop.
    var schedulingPolicy: Int32 { sched_getscheduler(id) }

    private func procStatus(_ name: String) -> Int { Self.number(name, in: "/proc/\(id)/status") }

    private var tasks: [String] { folderEntries("/proc/\(id)/task") }

    private static func number(_ name: String, in path: String) -> Int {
        let line = Files.read(path).split(separator: "\n").first { $0.hasPrefix("\(name):") }
        return line.flatMap { Int($0.split(whereSeparator: \.isWhitespace).dropFirst().first ?? "") } ?? -1
    }
}

extension Duration {
    /// As a number.
    fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
