import TestDaemon

/// A table, a region and a channel for the tests of control calls.
enum ControlShop {
    static let body = """
        [regions.items]
        prefix = "shop:"
        [regions.slow]
        [queries.item]
        region = "items"
        key = "item:{id}"
        params = ["id"]
        sql = "SELECT id, name FROM items WHERE id = $1"
        warm = "SELECT id FROM items WHERE id <= 100"
        [queries.count]
        region = "items"
        key = "count"
        result = "scalar"
        sql = "SELECT count(*) FROM items"
        [queries.slow]
        region = "slow"
        params = ["id"]
        result = "scalar"
        sql = "SELECT name FROM items, pg_sleep(0.3) WHERE id = $1"
        [channels.changed]
        payload = "text"
        refresh = [{ query = "item" }]
        """

    static func site(_ count: Int = 200) throws -> Site {
        let site = try Site()
        try site.sql(
            "CREATE TABLE items (id int PRIMARY KEY, name text); "
                + "INSERT INTO items SELECT i, 'n' || i FROM generate_series(1, \(count)) i")
        return site
    }

    /// The value that an item's key is to have.
    static func value(_ id: Int, _ name: String) -> String { #"{"id":\#(id),"name":"\#(name)"}"# }
}
