import TestDaemon
import TestServers
import Testing

/// Keys as decorators and manglers of dogpile.cache make them.
@Suite(.enabled("dogpile.cache can not be installed") { Releases.areThere })
struct KeyTests {
    static let manglers = ["none", "sha1", "sha1 alone", "md5", "sha1_if_longer", "md5_if_longer"]

    @Test(arguments: Releases.names, manglers)
    func decoratorsFindWhatTheDaemonStores(release: String, mangler: String) throws {
        let site = try Site()
        try site.sql(Self.schema)
        let daemon = try site.daemon(Self.configuration(mangler))
        try site.sql(
            """
            SELECT pg_notify('priced', '1,€uro'), pg_notify('priced', '2,€uro'), pg_notify('stocked', '1'),
                pg_notify('stocked', '2'), pg_notify('owned', 'Bad Münder am Deister')
            """)
        try daemon.eventually(9) { values(site) }
        _ = try Releases.run(release, "keys.py", site.redis.socketPath, mangler)
        // What is invalidated is the same key.
        try site.sql("SELECT pg_notify('unowned', 'Bad Münder am Deister')")
        try daemon.eventually(8) { values(site) }
    }

    @Test func aMangledRegionIsDeletedAndFilledAgain() throws {
        let site = try Site()
        try site.sql(Self.schema)
        let digest = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
        for key in ["shop:\(digest)", "shop:x", digest, "other"] { site.cli("SET", key, "old") }
        let daemon = try site.daemon(
            """
            [regions.prefixed]
            prefix = "shop:"
            format = "dogpile"
            mangler = "sha1"
            [regions.bare]
            prefix = ""
            format = "dogpile"
            mangler = "sha1"
            [queries.prefixed]
            region = "prefixed"
            params = ["item"]
            sql = "SELECT count FROM stock WHERE item = $1"
            result = "scalar"
            warm = "SELECT item FROM stock"
            [queries.bare]
            region = "bare"
            params = ["item"]
            sql = "SELECT count FROM stock WHERE item = $1"
            result = "scalar"
            warm = "SELECT item FROM stock"
            [queries.front]
            region = "bare"
            key = "front"
            sql = "SELECT count(*) FROM stock"
            result = "scalar"
            [channels.c]
            refresh = [{ query = "prefixed", params = { item = "id" } }, { query = "bare", params = { item = "id" } }, { query = "front" }]
            """)
        let one = "356a192b7913b04c54574d18c28d46e6395428ab"
        #expect(site.cli("EXISTS", "shop:\(digest)", "shop:x", digest) == "0", "\(daemon.log)")
        #expect(site.cli("GET", "other") == "old")
        #expect(site.cli("EXISTS", "shop:\(one)", one) == "2")
        #expect(values(site) == 6, "two of each query with a parameter, the front page, and what is nobody's")
    }

    /// How many keys there are that are not the daemon's own.
    private func values(_ site: Site) -> Int {
        site.cli("KEYS", "*").split(separator: "\n").count { !$0.hasPrefix("rekindle:") }
    }

    static let schema = """
        CREATE TABLE stock (item int PRIMARY KEY, count int);
        INSERT INTO stock VALUES (1, 10), (2, 20);
        """

    static func configuration(_ mangler: String) -> String {
        // Without a mangler the prefix is a part of what the decorators make.
        let prefix = ["none": "__main__:", "sha1 alone": ""][mangler] ?? "shop:"
        let name = mangler == "sha1 alone" ? "sha1" : mangler
        let module = mangler == "none" ? "" : "__main__:"
        return """
            [regions.shop]
            prefix = "\(prefix)"
            format = "dogpile"
            mangler = "\(name)"
            \(mangler.hasSuffix("longer") ? "mangle_from = 26" : "")
            [queries.price]
            region = "shop"
            params = ["item", "currency"]
            key = "\(module)price|{item} {currency}"
            sql = "SELECT $1::int AS item, $2::text AS currency"
            [queries.reduced]
            region = "shop"
            params = ["item", "currency"]
            key = "\(module)reduced|sale|{item} {currency}"
            sql = "SELECT $1::int AS item, $2::text AS currency"
            [queries.converted]
            region = "shop"
            params = ["item", "currency"]
            key = "\(module)converted|{currency} {item}"
            sql = "SELECT $1::int AS item, $2::text AS currency"
            [queries.stock]
            region = "shop"
            params = ["item"]
            key = "\(module)stock|{item}"
            sql = "SELECT count FROM stock WHERE item = $1"
            result = "scalar"
            [queries.owner]
            region = "shop"
            params = ["town"]
            key = "\(module)owner|{town}"
            sql = "SELECT 'Anna' WHERE $1::text <> ''"
            result = "scalar"
            [channels.priced]
            payload = "csv"
            refresh = [
                { query = "price", params = { item = 0, currency = 1 } },
                { query = "reduced", params = { item = 0, currency = 1 } },
                { query = "converted", params = { item = 0, currency = 1 } },
            ]
            [channels.stocked]
            payload = "text"
            refresh = [{ query = "stock" }]
            [channels.owned]
            payload = "text"
            refresh = [{ query = "owner" }]
            [channels.unowned]
            payload = "text"
            invalidate = [{ region = "shop", key = "\(module)owner|{town}", params = { town = "payload" } }]
            """
    }
}
